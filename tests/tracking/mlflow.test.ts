import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openFollower } from '../../src/tracking/send/follower.ts';
import { openJournal } from '../../src/tracking/journal/journal.ts';
import { putArtifact } from '../../src/tracking/mlflow/artifact.ts';
import { createRun, getRun, logMetrics, openMlflow } from '../../src/tracking/mlflow/client.ts';
import { ensureExperiment } from '../../src/tracking/mlflow/experiment.ts';
import { MlflowError } from '../../src/tracking/mlflow/error.ts';
import { ownMlflow } from '../../src/tracking/server/mlflow-install.ts';
import { startMlflow } from '../../src/tracking/server/mlflow-server.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { kinds } from '../../stages/index.ts';
import { runUi } from '../../src/tracking/server/run-ui.ts';
import { readSent, sentPath } from '../../src/tracking/send/sent.ts';
import { runsViewKey, sweepViewKey } from '../../src/tracking/mlflow/sweep-view.ts';
import { syncJournal, syncJournals } from '../../src/tracking/send/sync.ts';
import { apiOf, metric, newRun, newRunsDir, openProxy, startRealMlflow, pointTexts } from './real-mlflow.ts';

// Started again as a separate process, this file is the follower that gets killed.
if (process.env.FOLLOW_JOURNAL) {
  const follower = openFollower({
    kinds,
    journalPath: process.env.FOLLOW_JOURNAL,
    uri: process.env.FOLLOW_URI ?? '',
    warn: () => {},
    idleMs: 20,
  });
  if (process.env.FOLLOW_THEN_CLOSE) await follower.close({ deadlineMs: 20_000 });
  else await sleep(60_000);
  process.exit(0);
}

const warnings: string[] = [];
const warn = (text: string): void => void warnings.push(text);
const runsDir = newRunsDir();
let server: MlflowServer & { dir: string };
let api: ReturnType<typeof apiOf>;

before(async () => {
  server = await startRealMlflow();
  api = apiOf(server.uri);
});

beforeEach(() => void warnings.splice(0));

after(async () => {
  await server.stop();
});

const follow = (path: string, uri = server.uri, idleMs = 20) =>
  openFollower({ kinds, journalPath: path, uri, warn, idleMs });

function followerProcess(path: string, uri: string, thenClose: boolean) {
  const env = {
    ...process.env,
    FOLLOW_JOURNAL: path,
    FOLLOW_URI: uri,
    ...(thenClose ? { FOLLOW_THEN_CLOSE: '1' } : {}),
    NODE_TEST_CONTEXT: undefined,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0',
  };
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url)], { env, stdio: 'ignore' });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  return { kill: () => child.kill('SIGKILL'), ended };
}

test('the server gets everything in the journal: steps, values, times, params, tags, files, status', async () => {
  const long = 'x'.repeat(7000);
  const { journal, path, uid } = newRun(runsDir, {
    params: { 'model.lr': '0.0003', 'odd[0]#name': 'v', empty: '', long, lines: 'a\nb', text: 'größe 😀 \u0000' },
  });
  const follower = follow(path);
  const points = Array.from({ length: 700 }, (_, i) => metric('train/loss', i + 1, 8 / (i + 1) + 1e-9 * i));
  for (const point of points) journal.append(point);
  const odd = [NaN, Infinity, -Infinity, 1e-320, 0.1 + 0.2, -3, 2 ** 53].map((value, i) =>
    metric('train/odd', i + 1, value),
  );
  for (const point of odd) journal.append(point);
  journal.append(metric('best/eval_loss', 0, 2.5));
  journal.append({ kind: 'tag', key: 'stage.model', value: 'running' });
  journal.append({ kind: 'tag', key: 'stage.model', value: 'ran' });
  writeFileSync(join(dirname(path), 'r.md'), '# Größe\n');
  writeFileSync(join(dirname(path), 'empty.txt'), '');
  journal.append({ kind: 'artifact', path: 'sub dir/ä% ö&?.md', file: 'r.md' });
  journal.append({ kind: 'artifact', path: 'empty.txt', file: join(dirname(path), 'empty.txt') });
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_099_000 });
  journal.close();
  assert.deepEqual({ ...(await follower.close({ deadlineMs: 20_000 })), warnings }, { unsent: 0, warnings: [] });

  const [run, ...more] = await api.runs(uid);
  assert.ok(run && more.length === 0);
  assert.deepEqual([run.status, run.start, run.end], ['FINISHED', 1_700_000_000_000, 1_700_000_099_000]);
  assert.deepEqual(await api.history(run.id, 'train/loss'), pointTexts(points));
  const max = String(Number.MAX_VALUE);
  assert.deepEqual(
    await api.history(run.id, 'train/odd'),
    pointTexts(odd)
      .map((line) => line.replace('-Infinity', `-${max}`).replace('Infinity', max))
      .sort(),
  );
  assert.deepEqual(await api.history(run.id, 'best/eval_loss'), ['0=2.5 t1700000000000']);
  assert.deepEqual(
    { ...run.params, long: run.params.long?.slice(-30) },
    {
      'model.lr': '0.0003',
      odd_0__name: 'v',
      empty: '',
      long: 'x … (cut; 7000 characters in all)'.slice(-30),
      lines: 'a\nb',
      text: 'größe 😀 \uFFFD',
    },
  );
  assert.equal(run.params.long?.length, 6000);
  assert.equal(run.tags['stage.model'], 'ran');
  assert.equal(run.tags.pipeline, 'p');
  assert.equal(await api.artifact(run.id, 'sub dir/ä% ö&?.md'), '# Größe\n');
  assert.equal(await api.artifact(run.id, 'empty.txt'), '');
  assert.match(
    follower.links()?.run ?? '',
    new RegExp(`^${server.uri}/#/experiments/\\d+/runs/${run.id}\\?workflowType=machine_learning$`),
  );
});

test('the server gets a run while it is in progress', async () => {
  const { journal, path, uid } = newRun(runsDir);
  const follower = follow(path);
  journal.append(metric('train/loss', 1, 3));
  const seen = async (): Promise<string[]> => {
    const [run] = await api.runs(uid);
    return run ? api.history(run.id, 'train/loss') : [];
  };
  for (let i = 0; i < 100 && (await seen()).length === 0; i++) await sleep(50);
  assert.deepEqual(await seen(), ['1=3 t1700000000010']);
  assert.equal((await api.runs(uid))[0]?.status, 'RUNNING');
  journal.append({ kind: 'end', status: 'FAILED', time: 1_700_000_000_500 });
  journal.close();
  await follower.close({ deadlineMs: 5000 });
  assert.equal((await api.runs(uid))[0]?.status, 'FAILED');
});

/** Kills the follower at its n-th request, before or after the server handles it; then another sends the rest. */
test('a follower killed between any two calls neither loses nor duplicates anything', async () => {
  const values = [1.5, NaN, 2.5, Infinity];
  const killAt = async (n: number, when: 'cut-before' | 'cut-after'): Promise<boolean> => {
    const { journal, path, uid } = newRun(runsDir, {
      experiment: `killed-${n}-${when}`,
      sweep: { id: 's', index: 0, params: ['model.steps'] },
    });
    const points = values.map((value, i) => metric('train/loss', i + 1, value));
    for (const point of points) journal.append(point);
    writeFileSync(join(dirname(path), 'report.md'), 'text');
    journal.append({ kind: 'artifact', path: 'report.md', file: 'report.md' });
    journal.append({ kind: 'tag', key: 'stage.model', value: 'ran' });
    journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
    journal.close();
    let child: ReturnType<typeof followerProcess> | undefined;
    let killed = false;
    const proxy = await openProxy(server.port, (count) => {
      if (count < n) return 'pass';
      killed = true;
      child?.kill();
      return count === n ? when : 'cut-before';
    });
    child = followerProcess(path, proxy.uri, true);
    await child.ended;
    proxy.close();
    await syncJournal(openMlflow(server.uri), path, { kinds, warn });
    const runs = await api.runs(uid, `killed-${n}-${when}`);
    assert.equal(runs.length, 1, `killed at request ${n}, ${when}`);
    const history = await api.history(runs[0]?.id ?? '', 'train/loss');
    assert.deepEqual(
      history,
      pointTexts(points)
        .map((line) => line.replace('Infinity', String(Number.MAX_VALUE)))
        .sort(),
      `killed at request ${n}, ${when}`,
    );
    assert.equal(runs[0]?.status, 'FINISHED');
    assert.equal(runs[0]?.params['model.steps'], '100');
    assert.equal(runs[0]?.tags['stage.model'], 'ran');
    assert.equal(await api.artifact(runs[0]?.id ?? '', 'report.md'), 'text');
    return killed;
  };
  let n = 0;
  do n++;
  while ((await Promise.all([killAt(n, 'cut-before'), killAt(n, 'cut-after')])).some(Boolean));
  assert.ok(n > 15, `only ${n} requests`);
  assert.deepEqual(warnings.splice(0), []);
});

test('a follower killed repeatedly while points arrive sends every point once', async () => {
  const { journal, path, uid } = newRun(runsDir);
  const points = Array.from({ length: 4000 }, (_, i) => metric('train/loss', i + 1, Math.sin(i)));
  let sent = 0;
  for (let round = 0; round < 4; round++) {
    const child = followerProcess(path, server.uri, false);
    for (let i = 0; i < 20; i++) {
      for (const point of points.slice(sent, sent + 50)) journal.append(point);
      sent += 50;
      await sleep(10 + round * 12);
    }
    child.kill();
    await child.ended;
  }
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_900_000 });
  journal.close();
  assert.deepEqual(await follow(path).close({ deadlineMs: 20_000 }), { unsent: 0 });
  const runs = await api.runs(uid);
  assert.equal(runs.length, 1);
  assert.deepEqual(await api.history(runs[0]?.id ?? '', 'train/loss'), pointTexts(points));
});

test('connections that break after the server has handled a request duplicate nothing', async () => {
  const { journal, path, uid } = newRun(runsDir, { experiment: 'breaking' });
  const points = Array.from({ length: 300 }, (_, i) => metric('train/loss', i + 1, i / 7));
  for (const point of points) journal.append(point);
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_900_000 });
  journal.close();
  // the first request to every route is handled, but its response is lost
  const seen = new Set<string>();
  const proxy = await openProxy(server.port, (_, line) => {
    const route = line.replace(/\?.*/, '');
    if (seen.has(route)) return 'pass';
    seen.add(route);
    return 'cut-after';
  });
  const followerWarnings: string[] = [];
  const follower = openFollower({
    kinds,
    journalPath: path,
    uri: proxy.uri,
    warn: (text) => followerWarnings.push(text),
    idleMs: 20,
    env: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.01' },
  });
  for (let i = 0; i < 200 && (await api.runs(uid, 'breaking'))[0]?.status !== 'FINISHED'; i++) await sleep(50);
  assert.deepEqual(await follower.close({ deadlineMs: 20_000 }), { unsent: 0 });
  proxy.close();
  const runs = await api.runs(uid, 'breaking');
  assert.equal(runs.length, 1);
  assert.deepEqual(await api.history(runs[0]?.id ?? '', 'train/loss'), pointTexts(points));
  assert.ok([...seen].some((line) => line.includes('runs/create')));
  assert.equal(followerWarnings.length, 1, 'creating a run is not retried blindly, which is reported once');
});

test('an unreachable server costs one warning and no delay; it gets everything when it is back', async () => {
  const { journal, path, uid } = newRun(runsDir);
  const messages: string[] = [];
  const port = await unusedPort();
  const uri = `http://127.0.0.1:${port}`;
  const follower = openFollower({
    kinds,
    journalPath: path,
    uri,
    warn: (text) => messages.push(text),
    idleMs: 20,
    env: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.01' },
  });
  const second = newRun(runsDir); // the next run of the same sweep does not repeat the warning
  const follower2 = openFollower({
    kinds,
    journalPath: second.path,
    uri,
    warn: (text) => messages.push(text),
    idleMs: 20,
  });
  const points = Array.from({ length: 500 }, (_, i) => metric('train/loss', i + 1, i));
  const began = performance.now();
  for (const point of points) journal.append(point);
  assert.ok(performance.now() - began < 500);
  await sleep(400);
  const closing = performance.now();
  assert.deepEqual(await follower.close({ deadlineMs: 10_000 }), { unsent: 501 });
  assert.deepEqual(await follower2.close({ deadlineMs: 10_000 }), { unsent: 1 });
  assert.ok(performance.now() - closing < 5000, 'closing does not wait for an unreachable server');
  assert.equal(messages.length, 1);
  assert.match(
    messages[0] ?? '',
    /no server is running there\. The run continues\. Unsent records stay in the journal/,
  );
  second.journal.close();

  const laterFollower = openFollower({
    kinds,
    journalPath: path,
    uri,
    warn: (text) => messages.push(text),
    idleMs: 20,
    env: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0.01' },
  });
  const proxy = await proxyOn(port);
  for (let i = 0; i < 200 && (await api.runs(uid)).length === 0; i++) await sleep(50);
  journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_900_000 });
  journal.close();
  assert.deepEqual(await laterFollower.close({ deadlineMs: 10_000 }), { unsent: 0 });
  proxy.close();
  const runs = await api.runs(uid);
  assert.equal(runs.length, 1);
  assert.deepEqual(await api.history(runs[0]?.id ?? '', 'train/loss'), pointTexts(points));
  assert.equal(messages.length, 1);
});

test('close keeps its deadline if the server hangs', async () => {
  const hanging = createServer(() => {});
  const port = await new Promise<number>((done) =>
    hanging.listen(0, '127.0.0.1', () => done((hanging.address() as { port: number }).port)),
  );
  const { journal, path } = newRun(runsDir, { experiment: 'never' });
  journal.close();
  const follower = openFollower({ kinds, journalPath: path, uri: `http://127.0.0.1:${port}`, warn, idleMs: 20 });
  await sleep(100);
  const began = performance.now();
  assert.deepEqual(await follower.close({ deadlineMs: 300 }), { unsent: 1 });
  assert.ok(performance.now() - began < 1500);
  hanging.close();
  warnings.splice(0);
});

test('an address that is not a server costs one warning', async () => {
  const { journal, path } = newRun(runsDir);
  const messages: string[] = [];
  const follower = openFollower({
    kinds,
    journalPath: path,
    uri: 'sqlite:///x.db',
    warn: (text) => messages.push(text),
  });
  journal.close();
  assert.deepEqual(await follower.close({ deadlineMs: 1000 }), { unsent: 0 });
  assert.match(messages.join(), /mlflow server --backend-store-uri sqlite:\/\/\/x\.db/);
});

test('unsent runs are sent later: only those meant for this server, or all', async () => {
  const dir = newRunsDir();
  const finished = { kind: 'end', status: 'FINISHED', time: 1_700_000_900_000 } as const;
  const private_ = newRun(dir, { experiment: 'private' });
  const missed = newRun(dir, { experiment: 'shared' });
  for (const { journal } of [private_, missed]) {
    journal.append(metric('train/loss', 1, 1));
    journal.append(finished);
    journal.close();
  }
  const unreachable = openFollower({
    kinds,
    journalPath: missed.path,
    uri: `${server.uri}/`,
    warn: () => {},
    env: { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.001', MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
  });
  assert.ok((await unreachable.close({ deadlineMs: 50 })).unsent > 0);
  const settings = { runsDir: dir, uri: server.uri, warn } as const;
  assert.deepEqual(await syncJournals({ kinds, ...settings, scope: 'wanted' }), {
    sent: 1,
    left: 0,
    unreachable: null,
  });
  assert.equal((await api.runs(missed.uid, 'shared')).length, 1);
  assert.equal((await api.runs(private_.uid, 'private')).length, 0);
  assert.deepEqual(await syncJournals({ kinds, ...settings, scope: 'all' }), { sent: 1, left: 0, unreachable: null });
  assert.equal((await api.runs(private_.uid, 'private')).length, 1);
  // now everything is sent, which the files on disk show: no request is made
  assert.deepEqual(await syncJournals({ kinds, ...settings, scope: 'all' }), { sent: 0, left: 0, unreachable: null });
  const gone = await syncJournals({
    kinds,
    ...settings,
    uri: 'http://127.0.0.1:9',
    scope: 'all',
    env: { MLFLOW_HTTP_REQUEST_MAX_RETRIES: '0' },
  });
  assert.deepEqual([gone.sent, gone.left], [0, 2]);
  assert.ok(gone.unreachable);
});

test('the next sender ends a run whose process was killed', async () => {
  const dead = spawn(process.execPath, ['-e', '']);
  const { markOf } = await import('../../src/process/process-mark.ts');
  const writer = markOf(dead.pid ?? 0);
  await new Promise((done) => dead.once('exit', done));
  const { journal, path, uid } = newRun(runsDir, { writer });
  journal.append(metric('train/loss', 1, 1));
  journal.close();
  appendFileSync(path, '{"kind":"metric","name":"tra'); // torn
  await syncJournal(openMlflow(server.uri), path, { kinds, warn });
  assert.equal((await api.runs(uid))[0]?.status, 'KILLED');
  const living = newRun(runsDir);
  living.journal.close();
  await syncJournal(openMlflow(server.uri), living.path, { kinds, warn });
  assert.equal((await api.runs(living.uid))[0]?.status, 'RUNNING');
});

test('nothing is duplicated if the sent marks or bytes of the journal are lost', async () => {
  const { journal, path, uid } = newRun(runsDir);
  const points = Array.from({ length: 50 }, (_, i) => metric('train/loss', i + 1, i === 20 ? NaN : i / 3));
  for (const point of points) journal.append(point);
  journal.close();
  const client = openMlflow(server.uri);
  await syncJournal(client, path, { kinds, warn });
  rmSync(sentPath(path));
  await syncJournal(client, path, { kinds, warn });
  truncateSync(path, statSync(path).size - 500); // a power cut took the last records, already sent
  const again = openJournal(path);
  again.append(metric('train/loss', 51, 51)); // ends before the offset that the server has acknowledged
  again.close();
  await syncJournal(client, path, { kinds, warn });
  const runs = await api.runs(uid);
  assert.equal(runs.length, 1);
  assert.deepEqual(
    await api.history(runs[0]?.id ?? '', 'train/loss'),
    pointTexts([...points, metric('train/loss', 51, 51)]),
  );
});

test('a run deleted on the server stays deleted; a new run restores a deleted experiment', async () => {
  const { journal, path, uid } = newRun(runsDir, { experiment: 'deleted' });
  const follower = follow(path);
  for (let i = 0; i < 100 && (await api.runs(uid, 'deleted')).length === 0; i++) await sleep(50);
  await api.ask('runs/delete', { run_id: (await api.runs(uid, 'deleted'))[0]?.id });
  for (let step = 1; step <= 5; step++) journal.append(metric('train/loss', step, 1));
  for (let i = 0; i < 100 && warnings.length === 0; i++) await sleep(50);
  await follower.close({ deadlineMs: 5000 });
  assert.equal(warnings.length, 1, warnings.join('\n'));
  assert.match(warnings.splice(0).join(), /was deleted on the server/);
  assert.deepEqual(
    (await api.runs(uid, 'deleted')).map((run) => run.lifecycle),
    ['deleted'],
  );
  journal.close();

  await api.ask('experiments/delete', { experiment_id: await api.experimentId('deleted') });
  const old = newRun(runsDir, { experiment: 'deleted' });
  old.journal.close();
  assert.equal(await syncJournal(openMlflow(server.uri), old.path, { kinds, warn }), 'gone');
  const fresh = newRun(runsDir, { experiment: 'deleted' });
  fresh.journal.close();
  assert.deepEqual(await follow(fresh.path).close({ deadlineMs: 10_000 }), { unsent: 0 });
  assert.match(warnings.splice(0).join(), /had been deleted on the MLflow server; this run restored it/);
  assert.equal((await api.runs(fresh.uid, 'deleted')).length, 1);
});

test('a run whose experiment was deleted is sent to its end once a new run has restored the experiment', async () => {
  const dir = newRunsDir();
  const left = newRun(dir, { experiment: 'restored' });
  left.journal.append(metric('train/loss', 1, 1));
  assert.equal(await syncJournal(openMlflow(server.uri), left.path, { kinds, warn }), 'idle');
  const experimentId = await api.experimentId('restored');
  await api.ask('experiments/delete', { experiment_id: experimentId });
  left.journal.append(metric('train/loss', 2, 2));
  left.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  left.journal.close();
  const unsent = newRun(dir, { experiment: 'restored' });
  unsent.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  unsent.journal.close();
  for (const { path } of [left, unsent])
    assert.equal(await syncJournal(openMlflow(server.uri), path, { kinds, warn }), 'gone');
  assert.equal(Object.values(readSent(left.path).servers)[0]?.gone, 'experiment');

  const fresh = newRun(dir, { experiment: 'restored' });
  fresh.journal.close();
  let revived = 0;
  const follower = openFollower({
    kinds,
    journalPath: fresh.path,
    uri: server.uri,
    warn,
    idleMs: 20,
    onRevived: () => revived++,
  });
  await follower.close({ deadlineMs: 10_000 });
  assert.equal(revived, 1);
  await syncJournals({ kinds, runsDir: dir, uri: server.uri, scope: 'all', warn });
  const [run] = await api.runs(left.uid, 'restored');
  assert.equal(run?.status, 'FINISHED');
  assert.equal((await api.history(run?.id ?? '', 'train/loss')).length, 2);
  assert.equal((await api.runs(unsent.uid, 'restored'))[0]?.status, 'FINISHED');
  warnings.splice(0);
});

test('a value that cannot be sent costs only that value', async () => {
  const { journal, path, uid } = newRun(runsDir);
  const points = Array.from({ length: 9 }, (_, i) => metric('train/loss', i + 1, i));
  for (const point of points)
    journal.append(point.step === 4 ? { ...point, step: 4.5 } : point.step === 6 ? { ...point, time: 2 ** 60 } : point);
  journal.append({ kind: 'artifact', path: '../../escape.txt', file: 'journal.jsonl' });
  journal.append({ kind: 'artifact', path: 'lost.txt', file: 'no-such-file' });
  journal.append({ kind: 'tag', key: 'after', value: 'all' });
  journal.close();
  assert.deepEqual(await follow(path).close({ deadlineMs: 10_000 }), { unsent: 0 });
  const [run] = await api.runs(uid);
  assert.deepEqual(
    await api.history(run?.id ?? '', 'train/loss'),
    pointTexts(points.filter(({ step }) => step !== 4 && step !== 6)),
  );
  assert.equal(run?.tags.after, 'all');
  const messages = warnings.splice(0);
  assert.equal(messages.length, 3);
  assert.match(messages.join('\n'), /step 4.5 is not a whole number[\s\S]*escape\.txt[\s\S]*no-such-file/);
});

test('refuses artifact paths outside the run; a large file arrives complete', async () => {
  const client = openMlflow(server.uri);
  const experiment = await ensureExperiment(client, 'tests');
  const run = await createRun(client, experiment.experimentId, {
    title: 'files',
    startTime: 1,
    tags: { run_uid: 'files' },
  });
  const file = join(runsDir, 'large.bin');
  writeFileSync(file, Buffer.alloc(20_000_000, 7));
  for (const path of ['../x', 'a/../../x', '/x', 'a//b', 'a/%2e%2e/b', 'a%20b', 'a#b', 'a\\b', ''])
    await assert.rejects(putArtifact(client, run, path, file), { name: 'RefusedValue' });
  await putArtifact(client, run, 'large.bin', file);
  assert.equal((await api.artifact(run.runId, 'large.bin')).length, 20_000_000);
  await putArtifact(client, run, 'folder/small.txt', fileWith('small'));
  // the server answers 500 if a folder has the file's name; that must not block later records
  await assert.rejects(
    putArtifact(
      openMlflow(server.uri, { env: { MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: '0' } }),
      run,
      'folder',
      fileWith('x'),
    ),
    { name: 'RefusedValue' },
  );
});

test('ten concurrent calls create one experiment, and a lost response does not create a second run', async () => {
  const client = openMlflow(server.uri);
  const ids = await Promise.all(
    Array.from({ length: 10 }, () => ensureExperiment(client, 'raced').then(({ experimentId }) => experimentId)),
  );
  assert.equal(new Set(ids).size, 1);
  assert.equal(await getRun(client, 'f'.repeat(32)), null);
  const { journal, path, uid } = newRun(runsDir, { experiment: 'raced' });
  journal.close();
  const states = await Promise.all(Array.from({ length: 5 }, () => syncJournal(client, path, { kinds, warn })));
  assert.ok(states.filter((state) => state === 'busy').length >= 1, String(states));
  assert.equal((await api.runs(uid, 'raced')).length, 1);
});

test('a wrong path prefix is explained', async () => {
  await assert.rejects(
    ensureExperiment(openMlflow(`${server.uri}/nowhere`), 'x'),
    (error: MlflowError) => /there is no MLflow at this path/.test(error.message) && !error.transient,
  );
  await assert.rejects(
    logMetrics(openMlflow(server.uri), 'f'.repeat(32), [{ key: 'a', value: 1, timestamp: 1, step: 1 }]),
    { code: 'RESOURCE_DOES_NOT_EXIST' },
  );
});

test('a sweep gets a saved view; an experiment gets a note, a primary metric and a plain view', async () => {
  const sweep = { id: 'sweep-lr-1', params: ['model.schedule.peak', 'seed'] };
  for (let index = 0; index < 2; index++) {
    const { journal, path } = newRun(runsDir, {
      experiment: 'swept',
      sweep: { ...sweep, index },
      params: { 'model.schedule.peak': String(index), seed: '1', 'model.steps': '10' },
    });
    journal.close();
    const follower = follow(path);
    await follower.close({ deadlineMs: 10_000 });
    const key = sweepViewKey('sweep-lr-1');
    assert.match(
      follower.links()?.table ?? '',
      new RegExp(`/runs\\?workflowType=machine_learning&viewStateShareKey=${key}$`),
    );
    assert.match(follower.links()?.charts ?? '', /&compareRunsMode=CHART$/);
  }
  const tags = await api.experimentTags('swept');
  assert.match(tags['mlflow.note.content'] ?? '', /^# swept, with chat-runner/);
  assert.equal(tags['mlflow.experiment.primaryMetric.name'], 'eval/loss');
  assert.equal(tags['mlflow.experiment.primaryMetric.greaterIsBetter'], 'False');
  const stateOf = (key: string) => {
    const view = JSON.parse(tags[`mlflow.sharedViewState.${key}`] ?? '{}') as { name: string; state: string };
    return JSON.parse(view.state) as Record<string, any>; // eslint-disable-line -- MLflow's own format
  };
  const state = stateOf(sweepViewKey('sweep-lr-1'));
  assert.equal(state.searchFilter, "tags.`sweep.id` = 'sweep-lr-1'");
  assert.deepEqual([state.orderByKey, state.orderByAsc], ['metrics.`eval/loss`', true]);
  assert.deepEqual(state.selectedColumns, [
    'params.`model.schedule.peak`',
    'params.`seed`',
    'metrics.`eval/loss`',
    'metrics.`best/eval_loss`',
    'metrics.`train/loss`',
    'metrics.`evaluate/loss`',
    'metrics.`evaluate/perplexity`',
  ]);
  assert.deepEqual(
    state.compareRunCharts.map((chart: any) => [chart.type, chart.metricKey ?? chart.selectedParams]),
    [
      ['LINE', 'train/loss'],
      ['LINE', 'eval/loss'],
      ['PARALLEL', ['model.schedule.peak', 'seed']],
    ],
  );
  assert.ok(state.compareRunCharts.every((chart: any) => chart.metricSectionId === state.compareRunSections[0].uuid));
  assert.deepEqual(
    [stateOf(runsViewKey).orderByKey, stateOf(runsViewKey).orderByAsc],
    ['attributes.start_time', false],
  );
  assert.deepEqual(stateOf(runsViewKey).selectedColumns.slice(0, 2), [
    'params.`model.schedule.peak`',
    'params.`model.steps`',
  ]);
});

test('one server per folder: a second start finds the first; an error names the program that uses a port', async () => {
  const mlflow = await ownMlflow(() => {}, process.env);
  const again = await startMlflow({ dir: server.dir, mlflow, print: () => {} });
  assert.deepEqual([again.reused, again.ours, again.port], [true, false, server.port]);
  const other = join(newRunsDir(), 'mlflow');
  await assert.rejects(
    startMlflow({ dir: other, mlflow, port: server.port, print: () => {} }),
    new RegExp(`port ${server.port} is in use by \\S+ \\(process \\d+\\)`),
  );
  await assert.rejects(
    startMlflow({ dir: other, mlflow, port: 5060, print: () => {} }),
    /browsers refuse to connect to port 5060/,
  );
});

test('a server for another folder is not mistaken for ours; one whose first start was killed gets a new database', async () => {
  const mlflow = await ownMlflow(() => {}, process.env);
  const other = join(newRunsDir(), 'mlflow');
  mkdirSync(other);
  writeFileSync(join(other, 'server.json'), readFileSync(join(server.dir, 'server.json')));
  writeFileSync(join(other, 'creating'), '');
  writeFileSync(join(other, 'mlflow.db'), 'half of a database');
  const fresh = await startMlflow({ dir: other, mlflow, print: () => {} });
  await fresh.stop();
  assert.deepEqual([fresh.reused, fresh.port === server.port], [false, false]);
  assert.equal(readFileSync(join(other, 'mlflow.db.half-made'), 'utf8'), 'half of a database');
  assert.ok(!existsSync(join(other, 'creating')));
  assert.ok(await server.alive());
});

test('runner ui starts a server, sends all runs and prints links; then sends later runs, and stops the server', async (context) => {
  const dir = newRunsDir();
  const first = newRun(dir, { experiment: 'shown', sweep: { id: 's9', index: 0, params: ['model.steps'] } });
  first.journal.append(metric('eval/loss', 5, 2));
  first.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  first.journal.close();
  const stop = new AbortController();
  const lines: string[] = [];
  const port = await unusedPort();
  const ui = runUi({ kinds, runsDir: dir, port, signal: stop.signal, print: (text) => lines.push(text) });
  // A server left running would keep this process alive.
  context.after(() => {
    stop.abort();
    return ui.catch(() => {});
  });
  const uri = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 2400 && !lines.some((line) => line.startsWith('Ctrl-C')); i++)
    await Promise.race([sleep(50), ui]);
  const uiApi = apiOf(uri);
  assert.equal((await uiApi.runs(first.uid, 'shown')).length, 1);
  const id = await uiApi.experimentId('shown');
  assert.ok(
    lines.includes(`  table   ${uri}/#/experiments/${id}/runs?workflowType=machine_learning&viewStateShareKey=runs`),
    lines.join('\n'),
  );
  assert.ok(
    lines.includes(
      `    charts  ${uri}/#/experiments/${id}/runs?workflowType=machine_learning&viewStateShareKey=${sweepViewKey('s9')}&compareRunsMode=CHART`,
    ),
    lines.join('\n'),
  );

  const later = newRun(dir, { experiment: 'shown' });
  for (let i = 0; i < 1200 && (await uiApi.runs(later.uid, 'shown')).length === 0; i++) await sleep(50);
  assert.equal((await uiApi.runs(later.uid, 'shown')).length, 1);
  later.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  later.journal.close();
  stop.abort();
  await ui;
  await assert.rejects(fetch(`${uri}/health`));

  // the next server has another port but the same name in its database, so nothing is sent or searched again
  const mark = Object.values(readSent(first.path).servers)[0];
  const second = await startMlflow({
    dir: join(dir, 'mlflow'),
    mlflow: await ownMlflow(() => {}, process.env),
    print: () => {},
  });
  try {
    assert.notEqual(second.port, port);
    await syncJournals({ kinds, runsDir: dir, uri: second.uri, scope: 'all', warn });
    const servers = readSent(first.path).servers;
    assert.deepEqual(Object.keys(servers).length, 1);
    assert.deepEqual(Object.values(servers)[0], { ...mark, uri: second.uri });
    assert.equal((await apiOf(second.uri).runs(later.uid, 'shown'))[0]?.status, 'FINISHED');
    assert.deepEqual(readFileSync(join(dir, 'mlflow', 'server.log'), 'utf8').includes('runs/create'), false);
  } finally {
    // the worst case: the parent was killed; its child ends by itself, or is still running
    const { leader } = JSON.parse(readFileSync(join(dir, 'mlflow', 'server.json'), 'utf8')) as {
      leader: { pid: number };
    };
    process.kill(leader.pid, 'SIGKILL');
    await sleep(100); // until it is no longer a zombie
    await second.stop();
    assert.ok(!(await second.alive()));
  }
});

function fileWith(text: string): string {
  const path = join(runsDir, `file-${text}.txt`);
  writeFileSync(path, text);
  return path;
}

async function unusedPort(): Promise<number> {
  const probe = createServer();
  const port = await new Promise<number>((done) =>
    probe.listen(0, '127.0.0.1', () => done((probe.address() as { port: number }).port)),
  );
  await new Promise((done) => probe.close(done));
  return port;
}

/** Makes the real server available at a port that had no server before. */
async function proxyOn(port: number): Promise<{ close(): void }> {
  const { connect } = await import('node:net');
  const sockets = new Set<{ destroy(): void }>();
  const proxy = createServer((incoming) => {
    const onward = connect(server.port, '127.0.0.1');
    for (const socket of [incoming, onward]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    incoming.pipe(onward).pipe(incoming);
  });
  await new Promise<void>((done) => proxy.listen(port, '127.0.0.1', done));
  return {
    close() {
      proxy.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
