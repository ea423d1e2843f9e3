/** Disks that are full, read-only, or two, and folders in unexpected places: results stay right, and messages are words. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { readJournal } from '../../src/tracking/journal/journal.ts';
import { runJson, runRunner, startRunner } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const NO_STACK = /\n\s+at /;

function textPipeline(dir: string, hours = 0): string {
  writeFileSync(join(dir, 'text.txt'), 'one line\nanother\n');
  const path = join(dir, 'p.yaml');
  writeFileSync(
    path,
    `name: p\nstages:\n  chat: { kind: ingest, params: { source: ${join(dir, 'text.txt')}, format: text, splitAfterHours: ${hours} } }\n`,
  );
  return path;
}

/** A small disk of its own; null where the test may not mount one. */
function smallDisk(context: TestContext, options: string): string | null {
  const mounted: string[] = [];
  // hooks run in order: the disk must be unmounted before its folder is removed
  context.after(() => mounted.forEach((dir) => spawnSync('umount', ['-l', dir])));
  const dir = join(temporaryDir(context), 'disk');
  mkdirSync(dir);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir]).status !== 0) return null;
  mounted.push(dir);
  return dir;
}

test('after a moment of a full disk the record, links, events and journal of the run are complete', async (context) => {
  const disk = smallDisk(context, 'size=4m');
  if (disk === null) return context.skip('cannot mount here');
  const dir = temporaryDir(context);
  const runs = join(disk, 'runs');
  const wait = (until: string): string => `while [ ! -e ${join(dir, until)} ]; do sleep 0.05; done`;
  const metrics = 'i=0; while [ $i -lt 50 ]; do i=$((i + 1)); echo "metric loss $i $i"; done';
  writeFileSync(
    join(dir, 'p.yaml'),
    `name: p
stages:
  a: { kind: command, params: { argv: [sh, -c, '${wait('a')}; echo a > {out}/a'] } }
  b: { kind: command, inputs: { in: a }, params: { argv: [sh, -c, 'test -d {in:in}; ${metrics}; ${wait('b')}; echo b > {out}/b'] } }
  c: { kind: command, inputs: { in: b }, params: { argv: [sh, -c, 'test -d {in:in}; ${wait('c')}; ${metrics}; echo c > {out}/c'] } }
`,
  );
  const started = startRunner(['run', join(dir, 'p.yaml')], runs);
  const folder = (): string =>
    join(
      runs,
      readdirSync(runs).find((name) => /^\d{8}-/.test(name))!,
    );
  await eventually('a runs', () => existsSync(runs) && /▸ a/.test(started.output()));
  writeFileSync(join(dir, 'a'), '');
  await eventually('b runs', () => /▸ b/.test(started.output()));
  // only the files of the run fail: a link in its folder leads to a disk that is always full
  const events = join(folder(), 'events.jsonl');
  renameSync(events, `${events}.kept`);
  symlinkSync('/dev/full', events);
  writeFileSync(join(dir, 'b'), '');
  await eventually('it is reported', () => /the run's events failed/.test(started.output()));
  rmSync(events);
  renameSync(`${events}.kept`, events);
  writeFileSync(join(dir, 'c'), '');
  const { code, stdout } = await started.ended;
  assert.equal(code, 0, started.output());
  assert.match(stdout, /the run's events works? again/);
  const record = JSON.parse(readFileSync(join(folder(), 'run.json'), 'utf8')) as {
    ok: boolean;
    stages: { name: string }[];
  };
  assert.deepEqual([record.ok, record.stages.map(({ name }) => name)], [true, ['a', 'b', 'c']]);
  assert.deepEqual(readdirSync(join(folder(), 'stages')).sort(), ['a', 'b', 'c']);
  const lines = readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; result?: { name: string } });
  assert.deepEqual(
    lines.flatMap(({ kind, result }) => (kind === 'stage-finished' ? result!.name : [])),
    ['a', 'b', 'c'],
  );
  const points = readJournal(join(folder(), 'journal.jsonl')).lines.filter(({ record: { kind } }) => kind === 'metric');
  assert.equal(points.length, 100);
});

test('where runs/ cannot be written, cached stages run, and the message says where the run is recorded', async (context) => {
  const mounted: string[] = [];
  context.after(() => mounted.forEach((path) => spawnSync('umount', ['-l', path])));
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  await runJson([textPipeline(dir)], runs);
  if (
    spawnSync('mount', ['--bind', runs, runs]).status !== 0 ||
    spawnSync('mount', ['-o', 'remount,bind,ro', runs]).status !== 0
  )
    return context.skip('cannot mount here');
  mounted.push(runs);
  const cached = await runRunner(['run', join(dir, 'p.yaml')], runs);
  assert.equal(cached.code, 0, cached.stdout + cached.stderr);
  assert.match(cached.stdout, /cannot write .*EROFS[\s\S]*recorded only in \S+/);
  const due = await runRunner(['run', textPipeline(dir, 5)], runs);
  assert.equal(due.code, 1);
  assert.doesNotMatch(due.stdout + due.stderr, NO_STACK);
});

test('a disk without inodes is reported in words', async (context) => {
  const disk = smallDisk(context, 'size=4m,nr_inodes=60');
  if (disk === null) return context.skip('cannot mount here');
  const dir = temporaryDir(context);
  const runs = join(disk, 'runs');
  await runJson([textPipeline(dir)], runs);
  for (let n = 0, full = false; !full; n++)
    try {
      writeFileSync(join(disk, `file-${n}`), '');
    } catch {
      full = true;
    }
  const cached = await runRunner(['run', join(dir, 'p.yaml')], runs);
  assert.equal(cached.code, 0, cached.stdout + cached.stderr);
  assert.match(cached.stdout, /no space left on the disk/);
  const due = await runRunner(['run', textPipeline(dir, 5)], runs);
  assert.equal(due.code, 1);
  assert.match(due.stdout, /no space left on the disk/);
  assert.doesNotMatch(cached.stdout + cached.stderr + due.stdout + due.stderr, NO_STACK);
});

test('a stage whose disk has no room even for the reason of its failure says that the disk is full', async (context) => {
  const disk = smallDisk(context, 'size=2m');
  if (disk === null) return context.skip('cannot mount here');
  const dir = temporaryDir(context);
  writeFileSync(
    join(dir, 'p.yaml'),
    `name: p\nstages:\n  a: { kind: command, params: { argv: [sh, -c, 'cat /dev/zero > {out}/a; echo metric loss 1 1'] } }\n`,
  );
  const { code, stdout, stderr } = await runRunner(['run', join(dir, 'p.yaml')], join(disk, 'runs'));
  assert.equal(code, 1);
  assert.match(stdout, /no space left on the disk/);
  assert.doesNotMatch(stdout + stderr, NO_STACK);
  assert.doesNotMatch(stdout, /out of memory/);
});

test('artifacts/ may be a link to another disk', async (context) => {
  const disk = smallDisk(context, 'size=8m');
  if (disk === null) return context.skip('cannot mount here');
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  mkdirSync(join(runs, 'store'), { recursive: true });
  symlinkSync(disk, join(runs, 'store', 'artifacts'));
  const { stages } = await runJson([textPipeline(dir)], runs);
  assert.ok(existsSync(join(disk, stages[0]!.artifact!, 'conversations.jsonl')));
  assert.equal((await runRunner(['verify'], runs)).code, 0);
  const damaged = join(disk, stages[0]!.artifact!, 'conversations.jsonl');
  chmodSync(damaged, 0o644);
  writeFileSync(damaged, 'damaged');
  assert.equal((await runRunner(['verify', '--repair'], runs)).code, 0);
  assert.equal((await runJson([join(dir, 'p.yaml')], runs)).stages[0]?.outcome, 'ran');
  assert.equal((await runRunner(['verify'], runs)).code, 0);
});

test('runs/ is private, also one that was not; `latest` may be a folder; a page replaces only a page', async (context) => {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const file = textPipeline(dir);
  await runJson([file], runs);
  assert.equal(statSync(runs).mode & 0o777, 0o700);
  chmodSync(runs, 0o755);
  rmSync(join(runs, 'latest'));
  mkdirSync(join(runs, 'latest', 'mine'), { recursive: true });
  const again = await runRunner(['run', file], runs);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stderr, /other users of this machine can no longer open it/);
  assert.match(again.stdout, /latest does not point to this run: a folder of that name is in its place/);
  assert.equal(statSync(runs).mode & 0o777, 0o700);
  assert.deepEqual(
    readdirSync(runs).filter((name) => name.endsWith('.aside')),
    [],
  );

  const page = join(dir, 'page.html');
  for (let time = 0; time < 2; time++)
    assert.equal((await runRunner(['compare', '--html', page], runs)).code, 0, 'a page may be replaced');
  const before = readFileSync(file, 'utf8');
  const refused = await runRunner(['compare', '--html', file], runs);
  assert.deepEqual([refused.code, readFileSync(file, 'utf8')], [2, before]);
  assert.match(refused.stderr, /exists and is not a page/);
  const nowhere = await runRunner(['compare', '--html', join(dir, 'no', 'page.html')], runs);
  assert.equal(nowhere.code, 2);
  assert.doesNotMatch(nowhere.stderr, NO_STACK);
});

test('names that every object has, and a folder of the PATH that may not be entered, are nothing special', async (context) => {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  for (const word of ['hasOwnProperty', 'constructor', '__proto__', 'toString'])
    for (const args of [
      ['help', word],
      [word],
      ['show', word],
      ['run', `--${word}`],
      ['completion', word],
      ['logs', word],
    ]) {
      const { code, stderr } = await runRunner(args, runs);
      assert.equal(code, 2, args.join(' '));
      assert.doesNotMatch(stderr, NO_STACK, args.join(' '));
    }
});
