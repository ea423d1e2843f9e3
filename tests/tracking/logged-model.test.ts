import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openMlflow } from '../../src/tracking/mlflow/client.ts';
import { syncJournal } from '../../src/tracking/send/sync.ts';
import { ownMlflowDir } from '../../src/tracking/server/mlflow-install.ts';
import type { MlflowServer } from '../../src/tracking/server/mlflow-server.ts';
import { kinds } from '../../stages/index.ts';
import { runWithModel } from './logged-model.ts';
import { apiOf, newRunsDir, openProxy, startRealMlflow } from './real-mlflow.ts';

let server: MlflowServer & { dir: string };
let api: ReturnType<typeof apiOf>;

before(async () => {
  server = await startRealMlflow();
  api = apiOf(server.uri);
});

after(() => server.stop());

const send = (path: string, uri = server.uri, warn: (text: string) => void = assert.fail) =>
  syncJournal(openMlflow(uri), path, { kinds, warn });

const outputsOf = async (runId: string) =>
  ((await api.ask(`runs/get?run_id=${runId}`)).run.outputs?.model_outputs ?? []) as {
    model_id: string;
    step: string;
  }[];

test('a model is listed and registered once, and MLflow’s own client reads what it is', async () => {
  const { path, uid, dir } = await runWithModel(newRunsDir(), { register: 'our chats', copies: 2 });
  await send(path);
  const [run] = await api.runs(uid);
  const [model, ...more] = await outputsOf(run!.id);
  assert.deepEqual([more.length, Number(model?.step)], [0, 120]);
  const script = `
import json, mlflow, sys
info = mlflow.models.get_model_info('models:/our chats/1')
model = mlflow.get_logged_model(sys.argv[1])
flavor = info.flavors['transformers']
versions = mlflow.MlflowClient().search_model_versions("name='our chats'")
print(json.dumps([info.model_id, info.run_id, str(model.status), model.name, model.params['step'],
  flavor['pipeline_model_type'], flavor['tokenizer_type'], info.signature.inputs.to_dict(), len(versions),
  mlflow.artifacts.download_artifacts('models:/' + sys.argv[1])]))`;
  const env = { ...process.env, MLFLOW_TRACKING_URI: server.uri };
  const python = join(ownMlflowDir(), 'bin', 'python');
  const text = execFileSync(python, ['-c', script, model!.model_id], { encoding: 'utf8', env, cwd: tmpdir() });
  const read = JSON.parse(text.trim().split('\n').at(-1)!) as unknown[];
  const downloaded = String(read.pop());
  assert.deepEqual(read, [
    model!.model_id,
    run!.id,
    'READY',
    'model',
    '120',
    'GPT2LMHeadModel',
    'GPT2Tokenizer',
    [{ type: 'string', required: true }],
    1,
  ]);
  assert.deepEqual(
    (readdirSync(downloaded, { recursive: true }) as string[]).filter((name) => /\./.test(name)).toSorted(),
    [
      'components/tokenizer/merges.txt',
      'components/tokenizer/tokenizer_config.json',
      'components/tokenizer/vocab.json',
      'conda.yaml',
      'model/config.json',
      'model/generation_config.json',
      'model/model.safetensors',
      'python_env.yaml',
      'requirements.txt',
    ],
  );
  const weights = 'model.safetensors';
  assert.deepEqual(readFileSync(join(downloaded, 'model', weights)), readFileSync(join(dir, weights)));
  rmSync(downloaded, { recursive: true });
});

test('a model whose sending is cut off at any request is there once in the end', async () => {
  let cut = true;
  let n = 0;
  for (; cut; n += 3) {
    const experiment = `cut-${n}`;
    const { path, uid } = await runWithModel(newRunsDir(), { register: experiment, experiment });
    cut = false;
    const proxy = await openProxy(server.port, (count, line) => {
      if (count < n + 14 || cut || /experiments/.test(line)) return 'pass';
      cut = true;
      return 'cut-after';
    });
    for (let tries = 0; tries < 3; tries++) await send(path, proxy.uri).catch(() => {});
    await send(path, proxy.uri);
    proxy.close();
    const [run, ...others] = await api.runs(uid, experiment);
    assert.equal(others.length, 0);
    assert.equal((await outputsOf(run!.id)).length, 1, `cut at request ${n}`);
    const { model_versions: versions } = await api.ask(
      `model-versions/search?max_results=10&filter=${encodeURIComponent(`name='${experiment}'`)}`,
    );
    assert.equal(versions.length, 1, `cut at request ${n}`);
  }
  assert.ok(n > 10, `only ${n} requests`);
});

test('a model that is no longer on disk is skipped with a warning, and the rest is sent', async () => {
  const { path, uid, dir } = await runWithModel(newRunsDir(), { register: null });
  rmSync(dir, { recursive: true });
  const warnings: string[] = [];
  await send(path, server.uri, (text) => warnings.push(text));
  assert.deepEqual(warnings, ['MLflow refused the model model: its files are no longer in the store']);
  const [run] = await api.runs(uid);
  assert.deepEqual([run!.status, await outputsOf(run!.id)], ['FINISHED', []]);
});
