import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../src/pipeline/events.ts';
import type { Digest } from '../../src/pipeline/plan/key.ts';
import { openStore } from '../../src/store/store.ts';
import { countStage as stage, execute, openSession } from '../kit/execute.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

const outcomes = (results: { name: string; outcome: string }[]) =>
  results.map(({ name, outcome }) => `${name} ${outcome}`);
const texts = (events: RunEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'stage-event' && (event.event.kind === 'note' || event.event.kind === 'warning')
      ? [event.event.text]
      : [],
  );

/** The lines that stage processes append to their `witness` file. */
const witnessed = (path: string) =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [what: string, pid: string, gpus: string, heap: string])
    : [];
/** The maximum number of processes that ran at the same time. */
function maxParallel(path: string): number {
  let running = 0;
  return Math.max(...witnessed(path).map(([what]) => (running += what === 'start' ? 1 : -1)));
}

test('independent stages run in parallel, as many as fit; the results keep their order', async (context) => {
  const dir = temporaryDir(context);
  const witness = join(dir, 'witness');
  const stages = ['a', 'b', 'c', 'd'].map((name, index) => stage(name, { to: 4 + index, ms: 60, witness }));
  const two = openSession(openStore(join(dir, 'store')), { capacity: { cpu: 2, memory: 8, gpus: [] } });
  assert.deepEqual(outcomes(await execute(two, stages).results), ['a ran', 'b ran', 'c ran', 'd ran']);
  assert.equal(maxParallel(witness), 2);
});

test('`jobs` and the number of GPUs limit how many stages run; each gets its own GPU', async (context) => {
  const dir = temporaryDir(context);
  const [one, devices] = [join(dir, 'one'), join(dir, 'devices')];
  const single = openSession(openStore(join(dir, 'a')), { jobs: 1 });
  await execute(
    single,
    ['a', 'b'].map((name, index) => stage(name, { to: 2 + index, ms: 30, witness: one })),
  ).results;
  assert.equal(maxParallel(one), 1);
  const gpus = openSession(openStore(join(dir, 'b')), { capacity: { cpu: 9, memory: 8, gpus: ['0', '5'] } });
  await execute(
    gpus,
    ['a', 'b', 'c'].map((name, index) =>
      stage(name, { to: 3 + index, ms: 60, witness: devices }, {}, { needs: { gpu: 1 } }),
    ),
  ).results;
  assert.equal(maxParallel(devices), 2);
  const starts = witnessed(devices)
    .filter(([what]) => what === 'start')
    .map(([, , gpu]) => gpu);
  assert.deepEqual(starts.slice(0, 2).sort(), ['0', '5']);
  assert.ok(starts[2] === '0' || starts[2] === '5');
});

test('two runs of one command compute a common stage once and share the slots', async (context) => {
  const dir = temporaryDir(context);
  const witness = join(dir, 'witness');
  const kit = openSession(openStore(join(dir, 'store')), { capacity: { cpu: 2, memory: 8, gpus: [] } });
  const stages = (to: number) => [
    stage('shared', { to: 3, ms: 50, witness }),
    stage('own', { to, ms: 50, witness }, { from: 'shared' }, { needs: { cpu: 2 } }),
  ];
  const [first, second] = await Promise.all([
    execute(kit, stages(4)).results,
    execute(kit, stages(5), { priority: 1 }).results,
  ]);
  assert.deepEqual(outcomes(first), ['shared ran', 'own ran']);
  assert.deepEqual(outcomes(second), ['shared cached', 'own ran']);
  assert.equal(first[0]?.artifact, second[0]?.artifact);
  assert.equal(witnessed(witness).length, 6, 'three processes');
  assert.equal(maxParallel(witness), 1, 'each `own` needs all cores');
});

test('a common stage that fails runs once, and both runs report why', async (context) => {
  const dir = temporaryDir(context);
  const witness = join(dir, 'witness');
  const kit = openSession(openStore(join(dir, 'store')));
  const stages = [stage('shared', { fail: 'input', witness }), stage('after', { to: 1 }, { from: 'shared' })];
  const runs = await Promise.all([execute(kit, stages).results, execute(kit, stages).results]);
  for (const run of runs) {
    assert.deepEqual(outcomes(run), ['shared failed', 'after skipped']);
    assert.match(run[0]?.error ?? '', /nothing to count/);
  }
  assert.equal(witnessed(witness).length, 1, 'one process');
});

test('onFailure: keep-going, no-new, stop and kill', async (context) => {
  const dir = temporaryDir(context);
  const after = async (onFailure: 'keep-going' | 'no-new' | 'stop' | 'kill') => {
    const kit = openSession(openStore(join(dir, onFailure)), { capacity: { cpu: 2, memory: 8, gpus: [] }, onFailure });
    // `bad` starts first, so `long` is still running when it fails, even on a busy machine
    return outcomes(
      await execute(kit, [
        stage('bad', { fail: 'bug' }),
        stage('long', { to: 60, ms: onFailure === 'stop' || onFailure === 'kill' ? 200 : 25 }),
        stage('later', { to: 1 }, { from: 'long' }),
        stage('other', { to: 2 }),
      ]).results,
    );
  };
  assert.deepEqual(await after('keep-going'), ['bad failed', 'long ran', 'later ran', 'other ran']);
  assert.deepEqual(await after('no-new'), ['bad failed', 'long ran', 'later skipped', 'other skipped']);
  assert.deepEqual((await after('stop')).slice(0, 2), ['bad failed', 'long stopped']);
  assert.deepEqual((await after('kill')).slice(0, 2), ['bad failed', 'long stopped']);
});

test('retries only stages that died, with more memory each time', async (context) => {
  const dir = temporaryDir(context);
  const witness = join(dir, 'witness');
  const kit = openSession(openStore(join(dir, 'store')));
  const retried = execute(kit, [
    stage('twice', { to: 2, failTimes: 2, witness }, {}, { needs: { memory: 1 }, retry: { times: 2, growMemory: 2 } }),
    stage('input', { fail: 'input' }, {}, { retry: { times: 5 } }),
    stage('never', { fail: 'bug' }, {}, { retry: { times: 1 } }),
  ]);
  const [twice, input, never] = await retried.results;
  assert.deepEqual([twice?.outcome, twice?.attempts], ['resumed', 3]);
  assert.deepEqual(
    witnessed(witness)
      .filter(([what]) => what === 'start')
      .map(([, , , heap]) => heap),
    [1000, 2000, 4000].map((megabytes) => `--max-old-space-size=${megabytes}`),
  );
  assert.deepEqual([input?.outcome, input?.attempts], ['failed', undefined]);
  assert.deepEqual([never?.outcome, never?.attempts], ['failed', 2]);
  assert.deepEqual(
    texts(retried.events).filter((text) => text.includes('attempt')),
    ['a bug; attempt 2 of 2', 'try 1 fails; attempt 2 of 3', 'try 2 fails; attempt 3 of 3'].sort(
      (a, b) => texts(retried.events).indexOf(a) - texts(retried.events).indexOf(b),
    ),
  );
});

test('a stage saves and stops at its time limit; the next run resumes it', async (context) => {
  const store = openStore(temporaryDir(context));
  const stages = [
    stage('long', { to: 60, ms: 40 }, {}, { timeLimit: '1s' }),
    stage('after', { to: 1 }, { from: 'long' }),
  ];
  const [long, after] = await execute(openSession(store), stages).results;
  assert.deepEqual([long?.outcome, after?.outcome], ['stopped', 'skipped']);
  assert.match(
    long?.error ?? '',
    /reached its time limit of 1s and stopped\n.*the next run continues with what it left/,
  );
  const [stuck] = await execute(openSession(store), [{ ...stages[0]!, runtime: { startMs: 60_000 } }]).results;
  assert.match(stuck?.error ?? '', /stopped before its first step after step \d+\n.*raise timeLimit/);
  const again = await execute(
    openSession(store),
    stages.map((longer) => ({ ...longer, timeLimit: '1h' })),
  ).results;
  assert.deepEqual(outcomes(again), ['long resumed', 'after ran']);
});

test('a stage fails if a source changes while it runs, so that its output never gets a wrong key', async (context) => {
  const dir = temporaryDir(context);
  const path = join(dir, 'source.txt');
  writeFileSync(path, 'one');
  const digest = createHash('sha256').update('one').digest('hex') as Digest;
  const store = openStore(join(dir, 'store'));
  const run = () =>
    execute(openSession(store), [stage('reads', { to: 10, ms: 30 })], { sources: { reads: { path, digest } } });
  const first = run();
  await eventually('the stage has started', () => first.events.some(({ kind }) => kind === 'stage-started'));
  writeFileSync(path, 'two');
  const [changed] = await first.results;
  assert.equal(changed?.outcome, 'failed');
  assert.match(changed?.error ?? '', /source\.txt changed after the run had started.*\n {2}hint: run again/);
  writeFileSync(path, 'one');
  assert.match((await run().results)[0]?.outcome ?? '', /ran|resumed/);
});

test('a cached stage replays its metrics, notes and samples with their timestamps, and its original duration', async (context) => {
  const dir = temporaryDir(context);
  const path = join(dir, 'source.txt');
  writeFileSync(path, 'one');
  const source = { reads: { path, digest: createHash('sha256').update('one').digest('hex') as Digest } };
  const store = openStore(join(dir, 'store'));
  const first = execute(openSession(store), [stage('reads', { to: 3, ms: 10 })], { sources: source });
  await first.results;
  const again = execute(openSession(store), [stage('reads', { to: 3, ms: 10 })], { sources: source });
  const [result] = await again.results;
  assert.ok(result?.outcome === 'cached' && (result.originalSeconds ?? 0) > 0.02);
  const stageEvents = (events: RunEvent[]) =>
    events.flatMap((event) => (event.kind === 'stage-event' ? [event.event] : []));
  assert.deepEqual(stageEvents(again.events), stageEvents(first.events));
  assert.ok(again.events.every((event) => event.kind !== 'stage-event' || event.replayed));
});
