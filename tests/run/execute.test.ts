import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunEvent } from '../../src/pipeline/events.ts';
import type { Stage } from '../../src/pipeline/pipeline.ts';
import { artifactDir, findEntry, lockDir, openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { countStage, execute, openSession } from '../kit/execute.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const stage = countStage;
const start = (store: Store, stages: Stage[]) => execute(openSession(store), stages);

const metrics = (events: RunEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'stage-event' && event.event.kind === 'metric'
      ? [[event.event.step, event.event.value, event.replayed]]
      : [],
  );
const outcomes = (results: { name: string; outcome: string }[]) =>
  results.map(({ name, outcome }) => `${name} ${outcome}`);

test('runs stages in order and seals them; a second run starts no process and replays the metrics', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [stage('second', { to: 3 }, { from: 'first' }), stage('first', { to: 2 })];
  const first = start(store, stages);
  const results = await first.results;
  assert.deepEqual(outcomes(results), ['first ran', 'second ran']);
  assert.equal(readFileSync(join(artifactDir(store, results[1]!.artifact as never), 'count.txt'), 'utf8'), '2\n3\n');
  assert.deepEqual(readdirSync(join(store.dir, 'work')), []);

  const again = start(store, stages);
  assert.deepEqual(outcomes(await again.results), ['first cached', 'second cached']);
  assert.equal(
    again.events.some((event) => event.kind === 'stage-started'),
    false,
  );
  assert.deepEqual(metrics(again.events), [
    [1, 10, true],
    [2, NaN, true],
    [1, 10, true],
    [2, NaN, true],
    [3, 30, true],
  ]);
});

test('resumes a killed stage: nothing is computed again or lost, and earlier events are marked as replayed', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [stage('long', { to: 30, ms: 30 })];
  const first = start(store, stages);
  await eventually('it has counted a few steps', () => metrics(first.events).length >= 5);
  first.kill.abort();
  assert.deepEqual(outcomes(await first.results), ['long stopped']);
  assert.equal(readdirSync(join(store.dir, 'artifacts')).length, 0);

  const second = start(store, stages);
  const [result] = await second.results;
  assert.equal(result?.outcome, 'resumed');
  assert.ok(result.resumedAt !== undefined && result.resumedAt >= 5 && result.resumedAt < 30);
  // the step at which it was killed may have been reported but not saved
  const steps = metrics(second.events).map(([step]) => step as number);
  assert.deepEqual(
    [...new Set(steps)],
    Array.from({ length: 30 }, (_, index) => index + 1),
  );
  assert.ok(steps.length <= 31);
  assert.ok(
    [result.resumedAt, result.resumedAt + 1].includes(
      metrics(second.events).filter(([, , replayed]) => replayed).length,
    ),
  );
});

test('a stage saves when asked to stop; stages that depend on it do not start', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [stage('long', { to: 100, ms: 20 }), stage('after', { to: 1 }, { from: 'long' })];
  const first = start(store, stages);
  await eventually('it has counted a few steps', () => metrics(first.events).length >= 3);
  first.stop.abort();
  assert.deepEqual(outcomes(await first.results), ['long stopped', 'after stopped']);
  assert.equal(first.events.filter((event) => event.kind === 'stage-started').length, 1);
});

test('a failed stage reports why and what to do; stages that depend on it are skipped, the others run', async (context) => {
  const store = openStore(temporaryDir(context));
  const { results } = start(store, [
    stage('bad', { fail: 'input' }),
    stage('needs', { to: 1 }, { from: 'bad' }),
    stage('free', { to: 1 }),
    stage('bug', { fail: 'bug' }),
    stage('dies', { fail: 'die' }),
  ]);
  const finished = await results;
  assert.deepEqual(outcomes(finished).sort(), ['bad failed', 'bug failed', 'dies failed', 'free ran', 'needs skipped']);
  const error = (name: string) => finished.find((result) => result.name === name)?.error ?? '';
  assert.equal(error('bad'), 'nothing to count\n  hint: give it a number');
  assert.match(error('bug'), /^a bug\n {2}log: .*log\.txt$/);
  assert.match(
    readFileSync(error('bug').split('log: ')[1] as string, 'utf8'),
    /TypeError: a bug\n +at count \(tests\/kit\/count-kind\.ts:\d+:\d+\)/,
  );
  assert.match(error('dies'), /exited without an error message/);
});

test('with two runners on one key, one computes it; the other waits and uses the result', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [stage('once', { to: 10, ms: 20 })];
  const [made] = await start(store, stages).results;
  const key = made?.key as never;
  // Another process holds the key's lock; meanwhile the result appears in the store.
  const entry = join(store.dir, 'keys', key, 'entry.json');
  renameSync(entry, `${entry}.kept`);
  const holder = fork(fileURLToPath(new URL('../kit/lock-holder.process.js', import.meta.url)), [
    lockDir(store, key),
    '700',
  ]);
  await once(holder, 'message');
  const second = start(store, stages);
  await eventually('it reports that it waits', () =>
    second.events.some(
      (event) =>
        event.kind === 'stage-event' && event.event.kind === 'note' && event.event.text.includes(String(holder.pid)),
    ),
  );
  renameSync(`${entry}.kept`, entry);
  assert.deepEqual(outcomes(await second.results), ['once cached']);
  assert.equal(
    second.events.some((event) => event.kind === 'stage-started'),
    false,
  );
});

test('a damaged entry is a miss, never an error and never a hit', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [stage('one', { to: 1 })];
  const [made] = await start(store, stages).results;
  const key = made?.key as never;
  const artifact = artifactDir(store, made?.artifact as never);
  truncateSync(join(artifact, 'count.txt'), 1);
  assert.equal(findEntry(store, key), null);
  assert.deepEqual(outcomes(await start(store, stages).results), ['one ran']);
  assert.equal(
    readFileSync(join(artifact, 'count.txt'), 'utf8'),
    '1\n',
    'the damaged artifact was replaced by an intact one',
  );
  writeFileSync(join(store.dir, 'keys', key, 'entry.json'), '{"record":"entry/1","artif');
  assert.deepEqual(outcomes(await start(store, stages).results), ['one ran']);
  rmSync(artifact, { recursive: true });
  assert.deepEqual(outcomes(await start(store, stages).results), ['one ran']);
});

test('a full disk gives a clear message and leaves no incomplete file under a final name', async (context) => {
  // hooks run in order: the disk must be unmounted before its folder is removed
  let small = '';
  context.after(() => spawnSync('umount', ['-l', small]));
  small = join(temporaryDir(context), 'small');
  mkdirSync(small);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small]).status !== 0)
    return context.skip('cannot mount a small disk here');
  const store = openStore(join(small, 'store'));
  const fill = join(small, 'fill');
  assert.throws(() => writeFileSync(fill, Buffer.alloc(1 << 20)), /ENOSPC/);
  truncateSync(fill, statSync(fill).size - 24_000);
  const [result] = await start(store, [stage('big', { to: 4000 })]).results;
  assert.equal(result?.outcome, 'failed');
  assert.match(result.error ?? '', /no space left on the disk|exited without an error message/);
  assert.deepEqual(readdirSync(join(store.dir, 'artifacts')), []);
  rmSync(fill);
  const [again] = await start(store, [stage('big', { to: 400 })]).results;
  assert.equal(again?.outcome, 'ran');
  assert.ok(existsSync(artifactDir(store, again?.artifact as never)));
});
