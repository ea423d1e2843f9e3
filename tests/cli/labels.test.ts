import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRun } from '../kit/run-folder.ts';
import { runJson, runRunner, writeExport } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';

const A = '20260102-120000-p-aaaa';
const B = '20260102-120100-q-bbbb';

function twoRuns(runs: string): (...args: string[]) => Promise<string> {
  makeRun(runs, { run: A });
  makeRun(runs, {
    run: B,
    pipeline: 'q',
    startedMs: Date.UTC(2026, 0, 2, 12, 1),
    ok: false,
    results: [{ outcome: 'failed', error: 'no' }],
  });
  return async (...args) => {
    const { code, stdout, stderr } = await runRunner(args, runs);
    return code === 0 ? stdout : `${code} ${stderr}`;
  };
}

const named = (list: string): string[] =>
  (JSON.parse(list) as { runs: { name: string }[] }).runs.map(({ name }) => name);

test('tags and notes: ls finds a tag, show prints both, and a wrong one is refused', async (context) => {
  const see = twoRuns(temporaryDir(context));
  assert.equal(await see('tag', 'aaaa', 'draft', 'rate=low'), 'p-aaaa: draft, rate=low\n');
  assert.equal(await see('note', 'aaaa', 'still', 'repeats itself'), 'p-aaaa\n  still repeats itself\n');
  assert.match(await see('show', 'aaaa'), /\n {2}tags: draft, rate=low\n {2}note: still repeats itself\n/);
  assert.deepEqual(named(await see('ls', '--json', '--tag', 'draft')), ['p-aaaa']);
  assert.deepEqual(named(await see('ls', '--json', '--tag', 'rate=low')), ['p-aaaa']);
  assert.deepEqual(named(await see('ls', '--json', '--tag', 'rate=high')), []);
  assert.equal(await see('tag', 'aaaa', '--remove', 'draft'), 'p-aaaa: rate=low\n');
  assert.equal(await see('tag', 'bbbb'), 'q-bbbb: no tags\n');
  assert.equal(await see('tag', 'aaaa', '--remove', 'rat'), '2 error p-aaaa has no tag "rat"; did you mean "rate"?\n');
  assert.equal(await see('tag', 'aaaa', '=x'), '2 error "=x" has no name; a tag is NAME or NAME=VALUE\n');
});

test('ls filters by pipeline, failure and number', async (context) => {
  const see = twoRuns(temporaryDir(context));
  assert.deepEqual(named(await see('ls', '--json')), ['q-bbbb', 'p-aaaa']);
  assert.deepEqual(named(await see('ls', '--json', '--pipeline', 'p')), ['p-aaaa']);
  assert.deepEqual(named(await see('ls', '--json', '--failed')), ['q-bbbb']);
  assert.deepEqual(named(await see('ls', '--json', '--limit', '1')), ['q-bbbb']);
  assert.match(await see('ls', '--limit', '1'), /\nq-bbbb .*\n… and 1 older run\n/);
  assert.match(await see('ls', '--pipeline', 'x'), /^2 error no run of a pipeline "x"; pipelines: q, p\n/);
});

test('a run can be renamed, and is found by its new name and by its old ones', async (context) => {
  const runs = temporaryDir(context);
  const see = twoRuns(runs);
  assert.equal(await see('rename', 'aaaa', 'funny'), 'p-aaaa is now called funny\n');
  for (const word of ['funny', 'fun', 'aaaa', A]) assert.match(await see('show', word), /^funny {2}done\n/);
  assert.match(await see('ls'), /\nfunny +p /);
  assert.equal(await see('rename', 'bbbb', 'funny'), `2 error "funny" is the name of another run: ${A}\n`);
  for (const bad of ['latest', 'a b', '../x', '.x', ''])
    assert.match(await see('rename', 'bbbb', bad), /^2 error "(.*)" cannot be a name: /);
  assert.ok(existsSync(join(runs, A)), 'the folder keeps its name');
});

test('rm moves runs to the trash, gc --undo brings them back, and a run in progress stays', async (context) => {
  const runs = temporaryDir(context);
  const see = twoRuns(runs);
  const before = readFileSync(join(runs, A, 'journal.jsonl'));
  assert.equal(await see('rm', 'aaaa', 'bbbb'), 'moved to the trash: p-aaaa, q-bbbb\nrestore: ./runner gc --undo\n');
  assert.match(await see('ls'), /^no runs yet\n/);
  assert.match(await see('show', 'latest'), /^2 error no run "latest"/);
  assert.match(await see('gc', '--undo'), /^restored 2 items from /);
  assert.deepEqual(named(await see('ls', '--json')), ['q-bbbb', 'p-aaaa']);
  assert.deepEqual(readFileSync(join(runs, A, 'journal.jsonl')), before);
  makeRun(runs, { run: '20260102-120200-p-cccc', ok: null });
  assert.match(await see('rm', 'cccc'), /^2 error p-cccc is in progress; stop it first: \.\/runner stop p-cccc\n/);
  assert.match(await see('rm'), /^2 error "rm" needs a run/);
});

test('description, tags and notes of a file go to its runs and change no key', async (context) => {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  writeExport(join(dir, 'export'), 24);
  const file = join(dir, 'x.yaml');
  const stages = `stages:\n  chat: { kind: ingest, params: { source: ${join(dir, 'export')}, format: messenger } }\n`;
  writeFileSync(file, `name: x\n${stages}`);
  const first = await runJson([file], runs);
  writeFileSync(file, `name: x\ndescription: what it is for\ntags: [draft, rate=low]\nnotes: tea\n${stages}`);
  const second = await runJson([file], runs);
  assert.deepEqual(
    second.stages.map(({ outcome, key }) => [outcome, key]),
    [['cached', first.stages[0]!.key]],
  );
  const { stdout } = await runRunner(['show', second.run, '--json'], runs);
  const { description, tags, notes } = JSON.parse(stdout) as Record<string, unknown>;
  assert.deepEqual([description, tags, notes], ['what it is for', { draft: '', rate: 'low' }, ['tea']]);
  const again = await runJson([join(second.dir, 'pipeline.yaml')], runs);
  assert.equal(again.stages[0]!.outcome, 'cached', 'the resolved file can be run again');
  assert.match(
    (await runRunner(['ls'], runs)).stdout,
    /\n2 runs computed nothing, as all was cached; --all shows them\n/,
  );
  writeFileSync(file, `name: x\ntags: draft\n${stages}`);
  assert.match((await runRunner(['plan', file], runs)).stderr, /expected a list|a list/);
});
