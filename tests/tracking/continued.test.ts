import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { after, before, test } from 'node:test';
import { openFollower } from '../../src/tracking/send/follower.ts';
import { syncJournals } from '../../src/tracking/send/sync.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { kinds } from '../../stages/index.ts';
import { apiOf, metric, newRun, newRunsDir, pointTexts, startRealMlflow } from './real-mlflow.ts';
import type { TestRun } from './real-mlflow.ts';

let server: MlflowServer & { dir: string };
let api: ReturnType<typeof apiOf>;

before(async () => {
  server = await startRealMlflow();
  api = apiOf(server.uri);
});

after(() => server.stop());

const points = Array.from({ length: 6 }, (_, i) => metric('train/loss', i + 1, 9 - i));

/** A training that was stopped after three of six steps. */
function stopped(runsDir: string): TestRun {
  const run = newRun(runsDir, { params: { 'model.steps': '6', 'samples.topK': '40' } });
  for (const point of points.slice(0, 3)) run.journal.append(point);
  run.journal.append({ kind: 'end', status: 'KILLED', time: 1_700_000_001_000 });
  run.journal.close();
  return run;
}

const continuing = (run: TestRun, as: 'training' | 'use' | 'copy', change: Record<string, string> = {}) =>
  newRun(dirname(dirname(run.path)), {
    continues: { run: basename(dirname(run.path)), runUid: run.uid, as },
    params: { 'model.steps': '6', 'samples.topK': '40', ...change },
  });

const sync = (runsDir: string) => syncJournals({ runsDir, uri: server.uri, kinds, warn: assert.fail, scope: 'all' });

test('a resumed training goes on in the run of the server that began it, other params and all', async () => {
  const runsDir = newRunsDir();
  const first = stopped(runsDir);
  const next = continuing(first, 'training', { 'samples.topK': '10' });
  const follower = openFollower({
    journalPath: next.path,
    before: first.path,
    uri: server.uri,
    kinds,
    warn: assert.fail,
    idleMs: 20,
  });
  for (const point of points) next.journal.append(point);
  next.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_009_000 });
  next.journal.close();
  assert.deepEqual(await follower.close({ deadlineMs: 20_000 }), { unsent: 0 });
  const [run, ...more] = await api.runs(first.uid);
  assert.equal(more.length + (await api.runs(next.uid)).length, 0);
  assert.deepEqual([run!.status, run!.start, run!.end], ['FINISHED', 1_700_000_000_000, 1_700_000_009_000]);
  assert.deepEqual(await api.history(run!.id, 'train/loss'), pointTexts(points));
  assert.equal(run!.params['samples.topK'], '40');
  const { left } = await sync(runsDir);
  assert.equal(left, 0);
});

test('a run that uses a training is a child without its curve; one that computes nothing is not sent', async () => {
  const runsDir = newRunsDir();
  const first = stopped(runsDir);
  const use = continuing(first, 'use');
  for (const point of points) use.journal.append({ ...point, used: true });
  use.journal.append(metric('evaluate/loss', 0, 2));
  use.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_009_000 });
  use.journal.close();
  const copy = continuing(first, 'copy');
  copy.journal.close();
  assert.deepEqual(await sync(runsDir), { sent: 2, left: 0, unreachable: null });
  const [parent] = await api.runs(first.uid);
  const [child] = await api.runs(use.uid);
  const none = await api.runs(copy.uid);
  assert.deepEqual(none, []);
  assert.equal(child!.tags['mlflow.parentRunId'], parent!.id);
  assert.deepEqual(await api.history(child!.id, 'train/loss'), []);
  assert.deepEqual(await api.history(child!.id, 'evaluate/loss'), ['0=2 t1700000000000']);
});

test('a run whose training a person has deleted on the server stands for itself', async () => {
  const runsDir = newRunsDir();
  const first = stopped(runsDir);
  await sync(runsDir);
  await api.ask('runs/delete', { run_id: (await api.runs(first.uid))[0]!.id });
  for (const as of ['training', 'use'] as const) {
    const next = continuing(first, as);
    for (const point of points) next.journal.append(as === 'use' ? { ...point, used: true } : point);
    next.journal.close();
    await sync(runsDir);
    const [run] = await api.runs(next.uid);
    assert.deepEqual(await api.history(run!.id, 'train/loss'), pointTexts(points));
  }
  assert.equal((await api.runs(first.uid))[0]?.lifecycle, 'deleted');
});
