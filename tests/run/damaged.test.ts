import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repairStore } from '../../src/gc/repair.ts';
import { verifyStore } from '../../src/gc/verify.ts';
import type { RunEvent, StageResult } from '../../src/pipeline/events.ts';
import type { Digest, Key } from '../../src/pipeline/plan/key.ts';
import { artifactDir, entryText, findEntry, keyDir, openStore } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { countStage as stage, execute, openSession } from '../kit/execute.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const outcomes = (results: StageResult[]) => results.map(({ name, outcome }) => `${name} ${outcome}`);
const warnings = (events: RunEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'stage-event' && event.event.kind === 'warning' ? [`${event.stage}: ${event.event.text}`] : [],
  );
const textOf = (store: Store, { artifact }: StageResult) =>
  readFileSync(join(artifactDir(store, artifact as Digest), 'count.txt'), 'utf8');

/** Flips a bit of the result's file and restores its size, times and mode, as far as the system lets anybody. */
function damage(store: Store, { artifact }: StageResult): void {
  const path = join(artifactDir(store, artifact as Digest), 'count.txt');
  const { atime, mtime, mode } = statSync(path);
  const bytes = readFileSync(path);
  bytes[0]! ^= 1;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
  chmodSync(path, mode);
  utimesSync(path, atime, mtime);
}

test('a stage whose input is damaged does not run; the input is computed again first, and one line says so', async (context) => {
  const store = openStore(temporaryDir(context));
  const chain = (to: number) => [
    stage('first', { to: 2 }),
    stage('second', { to: 3 }, { from: 'first' }),
    stage('third', { to }, { from: 'second' }),
  ];
  const [first, second] = (await execute(openSession(store), chain(4)).results) as [StageResult, StageResult];
  damage(store, first);
  damage(store, second);

  const repaired = execute(openSession(store), chain(5));
  const results = await repaired.results;
  assert.deepEqual(outcomes(results), ['first ran', 'second ran', 'third ran']);
  assert.equal(textOf(store, results[2]!), '2\n3\n5\n');
  assert.deepEqual(
    warnings(repaired.events).map((text) => text.replace(/ to \S+;/, ' to TRASH;')),
    [
      'second: its artifact is damaged; moved it to TRASH; computing it again',
      'first: its artifact is damaged; moved it to TRASH; computing it again',
    ],
  );
  assert.equal((await verifyStore(store)).damages.length, 0);
  assert.deepEqual(outcomes(await execute(openSession(store), chain(5)).results), [
    'first cached',
    'second cached',
    'third cached',
  ]);
});

test('two stages that read the same damaged input have it computed once', async (context) => {
  const store = openStore(temporaryDir(context));
  const fork = (to: number) => [
    stage('first', { to: 2 }),
    stage('left', { to }, { from: 'first' }),
    stage('right', { to: to + 1 }, { from: 'first' }),
  ];
  const [first] = (await execute(openSession(store), fork(3)).results) as [StageResult];
  damage(store, first);
  const repaired = execute(openSession(store), fork(5));
  const results = await repaired.results;
  assert.deepEqual(
    results.slice(1).map((result) => textOf(store, result)),
    ['2\n5\n', '2\n6\n'],
  );
  assert.equal(warnings(repaired.events).length, 1);
});

test('what was computed from a damaged input before inputs were verified is due; what verified it is not', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [
    stage('first', { to: 2 }),
    stage('trusting', { to: 3 }, { from: 'first' }),
    stage('checked', { to: 4 }, { from: 'first' }),
  ];
  const [first, trusting] = (await execute(openSession(store), stages).results) as [StageResult, StageResult];
  // an entry as earlier versions wrote it
  const key = trusting.key as Key;
  const { inputsVerified, ...entry } = findEntry(store, key)!;
  assert.equal(inputsVerified, true);
  writeFileSync(join(keyDir(store, key), 'entry.json'), entryText(entry));
  damage(store, first);
  const { damages } = await verifyStore(store);
  assert.deepEqual(
    damages.map(({ keys }) => keys),
    [[first.key, key]],
  );
  repairStore(store, damages);
  assert.deepEqual(outcomes(await execute(openSession(store), stages).results), [
    'first ran',
    'trusting ran',
    'checked cached',
  ]);
});

test('metrics of a cached stage are not replayed from a damaged record', async (context) => {
  const store = openStore(temporaryDir(context));
  const [first] = (await execute(openSession(store), [stage('first', { to: 2 })]).results) as [StageResult];
  const path = join(keyDir(store, first.key as Key), 'events.jsonl');
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('10')]! ^= 1;
  writeFileSync(path, bytes);
  const again = execute(openSession(store), [stage('first', { to: 2 })]);
  assert.deepEqual(outcomes(await again.results), ['first cached']);
  assert.deepEqual(
    again.events.flatMap((event) => (event.kind === 'stage-event' ? [event.event.kind] : [])),
    ['warning'],
  );
});

test('a stage that changes its input is refused before anything is sealed', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = (params: object) => [
    stage('first', { to: 2 }),
    stage('writes', { to: 3, ...params }, { from: 'first' }),
  ];
  const results = await execute(openSession(store), stages({ fail: 'write input' })).results;
  assert.deepEqual(outcomes(results), ['first ran', 'writes failed']);
  assert.match(results[1]!.error ?? '', /changed its input "from", so its output was discarded/);
  assert.equal(readdirSync(join(store.dir, 'artifacts')).length, 1);
  const again = await execute(openSession(store), stages({ ms: 1 })).results;
  assert.deepEqual(outcomes(again), ['first ran', 'writes ran']);
  assert.equal(textOf(store, again[1]!), '2\n3\n');
});

test('a source that is replaced while a stage reads it and put back before its end is refused', async (context) => {
  const dir = temporaryDir(context);
  const path = join(dir, 'source.txt');
  writeFileSync(path, 'one');
  const { atime, mtime } = statSync(path);
  const digest = createHash('sha256').update('one').digest('hex') as Digest;
  const store = openStore(join(dir, 'store'));
  const run = execute(openSession(store), [stage('reads', { to: 20, ms: 30 })], {
    sources: { reads: { path, digest } },
  });
  await eventually('it is counting', () => run.events.filter(({ kind }) => kind === 'stage-event').length > 2);
  writeFileSync(path, 'two');
  writeFileSync(path, 'one');
  utimesSync(path, atime, mtime);
  const [result] = (await run.results) as [StageResult];
  assert.equal(result.outcome, 'failed');
  assert.match(result.error ?? '', /source\.txt was written to while the stage was reading it/);
});
