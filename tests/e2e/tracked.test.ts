import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishedStore } from '../kit/finished-run.ts';
import { runRunner, stagePid, startRunner, writePipeline } from '../kit/runner.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';
import { apiOf, startRealMlflow } from '../tracking/real-mlflow.ts';

const logged = [5, 10, 15, 20, 25, 30];

test(
  'a killed and resumed run, and a sweep, as the MLflow server shows them',
  { timeout: 240_000 },
  async (context) => {
    const { dir, runs } = await finishedStore(context);
    const server = await startRealMlflow();
    context.after(() => server.stop());
    const env = { MLFLOW_TRACKING_URI: server.uri };
    const api = apiOf(server.uri);
    const file = writePipeline(join(dir, 'tracked.yaml'), './export', {
      'name: tiny': 'name: tiny\nexperiment: e2e',
      'warmupSteps: 5': 'warmupSteps: 4',
    });

    const started = startRunner(['run', file], runs, env);
    await eventually('the training has started', () => /train\/loss/.test(journalOf(runs)), 60_000);
    process.kill(stagePid(runs) ?? 0, 'SIGKILL');
    await started.ended;
    const again = await runRunner(['run', file], runs, env);
    assert.equal(again.code, 0, again.stdout + again.stderr);
    assert.match(
      again.stdout,
      /MLflow: +http:\/\/127\.0\.0\.1:\d+\/#\/experiments\/\d+\/runs\/[0-9a-f]+\?workflowType=machine_learning/,
    );

    const id = await api.experimentId('e2e');
    const all = async (filter: string) =>
      (
        await api.ask('runs/search', {
          experiment_ids: [id],
          filter,
          max_results: 100,
          order_by: ['attributes.start_time ASC'],
        })
      ).runs as {
        info: { run_id: string; status: string; run_name: string };
        data: { metrics?: object[]; tags: { key: string; value: string }[]; params: { key: string; value: string }[] };
      }[];
    const [resumed, ...others] = await all('');
    assert.deepEqual([resumed?.info.status, others.length], ['FINISHED', 0], 'one training is one run');
    const history = async (run: string, name: string) =>
      (
        (await api.ask(`metrics/get-history?run_id=${run}&metric_key=${encodeURIComponent(name)}&max_results=1000`))
          .metrics as { step: number; value: number }[]
      ).map(({ step, value }) => [step, value]);
    const metrics = readFileSync(join(runs, 'latest', 'stages', 'model', 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: number; name: string; value: number });
    const expected = (name: string, steps: number[]) =>
      metrics
        .filter((metric) => metric.name === name && steps.includes(metric.step))
        .map(({ step, value }) => [step, value]);
    assert.deepEqual(
      await history(resumed!.info.run_id, 'train/loss'),
      expected('train/loss', logged),
      'the whole curve, including the points before the kill, without duplicates',
    );
    assert.deepEqual(await history(resumed!.info.run_id, 'eval/loss'), expected('eval/loss', [0, 10, 20, 30]));
    const copy = await runRunner(['run', file], runs, env);
    assert.match(copy.stdout, new RegExp(`MLflow: +\\S+/runs/${resumed!.info.run_id}\\?`), 'all is cached');
    writePipeline(file, './export', {
      'name: tiny': 'name: tiny\nexperiment: e2e',
      'warmupSteps: 5': 'warmupSteps: 4',
      'Mira:': 'Bo:',
    });
    assert.equal((await runRunner(['run', file], runs, env)).code, 0);
    const [, child, ...more] = await all('');
    assert.equal(more.length, 0);
    const tags = Object.fromEntries(child!.data.tags.map(({ key, value }) => [key, value]));
    assert.equal(tags['mlflow.parentRunId'], resumed!.info.run_id);
    assert.equal(tags['stage.samples'], 'ran');
    assert.deepEqual(child!.data.metrics ?? [], [], 'the curves are those of the training');
    assert.equal((await runRunner(['ls'], runs, env)).stdout.match(/↳/g)?.length, 2);
    const params = Object.fromEntries(resumed!.data.params.map(({ key, value }) => [key, value]));
    assert.deepEqual(
      [params['model.schedule.peak'], params['model.model.width'], params['tokens.template']],
      ['0.01', '16', '{name}: {text}'],
    );
    const artifacts = (
      (await api.ask(`artifacts/list?run_id=${resumed!.info.run_id}`)).files as { path: string }[]
    ).map(({ path }) => path);
    for (const path of ['pipeline.yaml', 'samples.jsonl', 'report.json'])
      assert.ok(artifacts.includes(path), `${path} in ${artifacts.join(' ')}`);
    assert.ok(!artifacts.some((path) => /conversations|safetensors/.test(path)));

    const sweep = writePipeline(join(dir, 'sweep.yaml'), './export', {
      'name: tiny': 'name: tiny\nexperiment: e2e\nsweep: { stages.model.params.schedule.peak: [0.01, 0.02] }',
      'steps: 30': 'steps: 10',
    });
    const swept = await runRunner(['run', sweep, 'model', '--json'], runs, env);
    assert.equal(swept.code, 0, swept.stderr);
    const sweepId = (JSON.parse(swept.stdout) as { sweep: string }).sweep;
    const points = await all(`tags.\`sweep.id\` = '${sweepId}'`);
    assert.deepEqual(
      points.map(({ info }) => info.run_name),
      ['peak=0.01', 'peak=0.02'],
    );
    assert.ok(
      points.every(({ data }) => !data.tags.some(({ key }) => key === 'mlflow.parentRunId')),
      'flat',
    );
    assert.match(swept.stderr, /table: +http\S+viewStateShareKey=\S+\ncharts: +http\S+compareRunsMode=CHART/);
    const views = Object.keys(await api.experimentTags('e2e')).filter((key) =>
      key.startsWith('mlflow.sharedViewState.'),
    );
    const key = /table: +\S+viewStateShareKey=([^&\s]+)/.exec(swept.stderr)?.[1];
    assert.ok(views.includes(`mlflow.sharedViewState.${key}`), 'the printed link opens a view that exists');

    // MLflow has no status for points that halving has paused; a tag shows it.
    const halving = {
      'name: tiny':
        'name: tiny\nexperiment: halved\nsweep: { stages.model.params.schedule.peak: [0.001, 0.03], halving: { stage: model, rungs: [4], keepOneIn: 2 } }',
      'steps: 30': 'steps: 8',
      'validateEvery: 10': 'validateEvery: 4',
    };
    const halved = await runRunner(
      ['run', writePipeline(join(dir, 'halving.yaml'), './export', halving), 'model', '--json'],
      runs,
      env,
    );
    assert.equal(halved.code, 0, halved.stderr);
    const found = (
      await api.ask('runs/search', { experiment_ids: [await api.experimentId('halved')], max_results: 10 })
    ).runs as typeof points;
    const tag = ({ data }: (typeof points)[number], name: string) => data.tags.find(({ key }) => key === name)?.value;
    assert.deepEqual(
      found
        .map((run) =>
          [run.info.run_name, run.info.status, tag(run, 'stage.model'), tag(run, 'stage.model.paused_at')].join(' '),
        )
        .sort(),
      ['peak=0.001 KILLED paused 4', 'peak=0.03 FINISHED resumed 4'],
    );
  },
);

test('the experiment is that of the file, else that of the environment, else the pipeline’s name', async (context) => {
  const { dir, runs } = await finishedStore(context);
  const experimentOf = async (change: Record<string, string>, env: Record<string, string>): Promise<string> => {
    await runRunner(['run', writePipeline(join(dir, 'named.yaml'), './export', change), 'chat'], runs, env);
    return (JSON.parse(journalOf(runs).split('\n')[0]!) as { experiment: string }).experiment;
  };
  const file = { 'name: tiny': 'name: tiny\nexperiment: from the file' };
  assert.equal(await experimentOf(file, { MLFLOW_EXPERIMENT_NAME: 'team' }), 'from the file');
  assert.equal(await experimentOf({}, { MLFLOW_EXPERIMENT_NAME: 'team' }), 'team');
  assert.equal(await experimentOf({}, { MLFLOW_EXPERIMENT_NAME: '' }), 'tiny');
});

test('a password with a malformed % is sent as it is, and appears in no message or record', async (context) => {
  const { dir, runs } = await finishedStore(context);
  const asked: (string | undefined)[] = [];
  const server = createHttpServer((request, answer) => {
    asked.push(request.headers.authorization);
    answer
      .writeHead(403, { 'content-type': 'text/plain' })
      .end(`no, ${request.headers.authorization} is not ann:50%off`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const pair = Buffer.from('ann:50%off').toString('base64');
  const file = join(dir, 'tiny.yaml');
  for (const uri of [
    `http://ann:50%off@127.0.0.1:${port}`,
    `http://ann:50%off/x@127.0.0.1:${port}`,
    'http://ann:50%off@',
  ]) {
    const { code, stdout, stderr } = await runRunner(['run', file], runs, { MLFLOW_TRACKING_URI: uri });
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /MLflow|tracking URI/);
    for (const secret of ['50%off', pair]) assert.ok(!(stdout + stderr).includes(secret), stdout + stderr);
  }
  assert.ok(asked.length > 0 && asked.every((authorization) => authorization === `Basic ${pair}`));
  for (const name of readdirSync(runs, { recursive: true }))
    if (statSync(join(runs, String(name))).isFile()) {
      const text = readFileSync(join(runs, String(name)), 'utf8');
      assert.ok(!text.includes('50%off') && !text.includes(pair), String(name));
    }
});

test('the server of a killed `ui` ends with it', async (context) => {
  const ui = startRunner(['ui'], join(temporaryDir(context), 'runs'));
  await eventually('it runs', () => /There are no runs yet/.test(ui.output()), 120_000);
  const uri = /MLflow is running at (\S+)/.exec(ui.output())![1]!;
  assert.equal((await fetch(`${uri}/health`)).status, 200);
  ui.child.kill('SIGKILL');
  await ui.ended;
  let serves = true;
  for (let tries = 0; serves && tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    serves = await fetch(`${uri}/health`).then(
      () => true,
      () => false,
    );
  }
  assert.ok(!serves);
});

test('`ui` on a port in use: one line that says so, exit code 1', async (context) => {
  const holder = createServer().listen(0, '127.0.0.1');
  context.after(() => holder.close());
  await eventually('the port is in use', () => holder.listening);
  const { port } = holder.address() as AddressInfo;
  const { code, stderr } = await runRunner(['ui', '--port', String(port)], join(temporaryDir(context), 'runs'));
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`^error .*${port}`));
  assert.ok(!/\n +at /.test(stderr), 'no stack');
});

function journalOf(runs: string): string {
  try {
    return readFileSync(join(runs, 'latest', 'journal.jsonl'), 'utf8');
  } catch {
    return '';
  }
}
