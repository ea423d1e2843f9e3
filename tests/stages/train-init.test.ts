import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { openCheckpoint } from '../../src/artifacts/checkpoint/checkpoint.ts';
import { openWeightsFolder } from '../../src/artifacts/given-weights/weights-folder.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { StageInputError, StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as evaluate } from '../../stages/evaluate/contract.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { writeOpenAiFolder } from '../kit/tensorflow-checkpoint.ts';
import {
  digestsOf,
  metricsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeTokens,
} from './model-kit.ts';

const folder = temporaryFolder();
const inFolder = (name: string): string => join(folder.dir, name);
const model = { layers: 2, heads: 2, width: 8, context: 16 };
const chat = inFolder('chat');
const params = {
  steps: 4,
  batchSize: 4,
  schedule: { kind: 'constant', peak: 0.01 },
  validateEvery: 2,
  validationBatches: 100,
  seed: 5,
};
const first = inFolder('first/out');
const huggingFace = join(first, 'best');
const openAi = inFolder('openai');

before(async () => {
  if (skip) return;
  writeTokens(chat, { train: [1, 2, 3].map((seed) => smallTalk(20, seed)), validation: [smallTalk(12, 99)] });
  await runStage(train, {
    dir: inFolder('first'),
    inputs: { chat },
    params: { ...params, model, steps: 12, schedule: { kind: 'constant', peak: 0.03 } },
  });
  const trained = openCheckpoint(huggingFace, modelFormat);
  writeOpenAiFolder(openAi, trained.model, (name) => trained.read(name));
  trained.close();
});
after(folder.remove);

const fromFolder = (name: string, path: string, more: object = {}, init: object = {}) =>
  runStage(train, {
    dir: inFolder(name),
    inputs: { chat },
    sources: { 'init.path': path },
    params: { ...params, ...more, init: { kind: 'folder', path: 'anywhere', ...init } },
  });

test(
  'the same weights as an artifact, safetensors and a TensorFlow checkpoint train to the same bytes',
  { skip },
  async () => {
    const artifact = await runStage(train, {
      dir: inFolder('artifact'),
      inputs: { chat, start: first },
      params: { ...params, init: { kind: 'artifact' } },
    });
    const tensorFlow = await fromFolder('tensorflow', openAi);
    const whole = digestsOf(artifact.outDir);
    assert.deepEqual(digestsOf((await fromFolder('safetensors', huggingFace)).outDir), whole);
    assert.deepEqual(digestsOf(tensorFlow.outDir), whole);
    assert.deepEqual(readdirSync(artifact.outDir).sort(), ['best', 'final', 'metrics.jsonl', 'start']);

    const start = openCheckpoint(huggingFace, modelFormat);
    const [, atStart] = metricsOf(artifact.events, 'eval/loss')[0]!;
    assert.ok(
      Math.abs(atStart - start.training.validationLoss!) < 1e-6,
      `begins at ${atStart}, was left at ${start.training.validationLoss}`,
    );
    const kept = openCheckpoint(join(artifact.outDir, 'start'), modelFormat);
    for (const name of Object.keys(weightShapes(start.model)))
      assert.deepEqual(kept.read(name), start.read(name), name);
    const final = openCheckpoint(join(artifact.outDir, 'final'), modelFormat);
    assert.deepEqual(final.model, { ...model, vocabularySize: 50257 });
    assert.deepEqual(final.training.init, kept.training.init);
    assert.match(JSON.stringify(final.training.init), /^{"kind":"weights","digest":"[0-9a-f]{64}"}$/);
    assert.notDeepEqual(final.read('wte.weight'), start.read('wte.weight'), 'training changes them');
    for (const each of [start, kept, final]) each.close();
  },
);

test(
  'rows of the vocabulary that a trainer added or padded change nothing; many more are another vocabulary',
  { skip },
  async () => {
    const trained = openCheckpoint(huggingFace, modelFormat);
    const writeWithRows = (dir: string, rows: number): void =>
      writeOpenAiFolder(dir, { ...trained.model, vocabularySize: rows }, (name) => {
        const values = trained.read(name);
        if (name !== 'wte.weight') return values;
        const longer = new Float32Array(rows * model.width).fill(3);
        longer.set(values);
        return longer;
      });
    writeWithRows(inFolder('rows-added'), 50_304);
    const { outDir, events } = await fromFolder('added', inFolder('rows-added'));
    assert.deepEqual(digestsOf(outDir), digestsOf(inFolder('tensorflow/out')));
    assert.ok(
      events.some(
        (event) => event.kind === 'note' && event.text.startsWith('left out the last 47 of 50304 rows of wte.weight'),
      ),
    );
    writeWithRows(inFolder('rows-other'), 52_000);
    await assert.rejects(fromFolder('other-rows', inFolder('rows-other')), /wte\.weight has 52000 rows/);
    trained.close();
  },
);

test('evaluate measures the actual initial weights of training', { skip }, async () => {
  const report = async (name: string, checkpoint: string) => {
    const { outDir } = await runStage(evaluate, {
      dir: inFolder(name),
      inputs: { checkpoint, 'held-out': chat },
      params: {},
    });
    return {
      ...(JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as {
        loss: number;
        baseline: { loss: number };
      }),
      text: readFileSync(join(outDir, 'report.md'), 'utf8'),
    };
  };
  const [before, now] = [await report('report-first', first), await report('report', inFolder('safetensors/out'))];
  assert.equal(now.baseline.loss, before.loss);
  assert.notEqual(now.baseline.loss, before.baseline.loss);
  assert.match(now.text, /given start/);
  assert.match(before.text, /untrained start/);
});

test('resumes with identical bytes even if its source is gone', { skip }, async () => {
  const source = inFolder('will-be-gone');
  cpSync(huggingFace, source, { recursive: true });
  const whole = digestsOf(inFolder('safetensors/out'));
  const controller = new AbortController();
  const run = {
    dir: inFolder('stopped'),
    inputs: { chat },
    sources: { 'init.path': source },
    params: { ...params, init: { kind: 'folder', path: 'x' } },
    runtime: { logEvery: 1 },
  };
  const stop = runStage(train, {
    ...run,
    signal: controller.signal,
    onEvent: (event) => event.kind === 'metric' && event.step === 2 && controller.abort(),
  });
  await assert.rejects(stop, StageStopped);
  rmSync(source, { recursive: true });
  assert.deepEqual(digestsOf((await runStage(train, run)).outDir), whole);
});

test('an inserted layer has no effect at first, then learns; the context is the declared one', { skip }, async () => {
  const { outDir, events } = await fromFolder(
    'deep',
    openAi,
    { model: { ...model, layers: 3 } },
    { insertLayersAfter: [0] },
  );
  const lines = readFileSync(inFolder('safetensors/out/metrics.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { name: string; value: number });
  assert.equal(metricsOf(events, 'eval/loss')[0]![1], lines.find(({ name }) => name === 'eval/loss')!.value);
  const final = openCheckpoint(join(outDir, 'final'), modelFormat);
  assert.ok(final.read('h.1.attn.c_proj.weight').some((value) => value !== 0));
  final.close();
  const long = await fromFolder(
    'long',
    openAi,
    { steps: 1, validateEvery: 0, model: { ...model, context: 24 } },
    { extendContext: 'stretch' },
  );
  const start = openCheckpoint(join(long.outDir, 'start'), modelFormat);
  assert.equal(start.model.context, 24);
  start.close();
});

test('weights that do not fit are an input error before anything is computed', { skip }, async () => {
  const refuses = (run: Promise<unknown>, message: RegExp, hint: RegExp | null) =>
    assert.rejects(run, (error: Error) => {
      assert.ok(error instanceof StageInputError, String(error.stack));
      assert.match(error.message, message);
      if (hint) assert.match(error.hint ?? '', hint);
      return true;
    });
  await refuses(
    fromFolder('layers', openAi, { model: { ...model, layers: 3, width: 16 } }),
    /^model\.layers is 3, but the weights have 2; model\.width is 16, but the weights have 8$/,
    /correct `model`, or leave it out/,
  );
  await refuses(
    fromFolder('longer', openAi, { model: { ...model, context: 24 } }),
    /the context is 24, but the weights have only 16 positions/,
    /init\.extendContext to `repeat` or `stretch`/,
  );
  await refuses(
    fromFolder('beyond', openAi, {}, { insertLayersAfter: [2] }),
    /cannot insert a layer after layer 2: the last one is 1/,
    null,
  );
  await refuses(fromFolder('frozen', openAi, { freeze: ['h.7.*'] }), /freeze\.0: "h\.7\.\*" matches no weight/, null);
  const named = runStage(train, {
    dir: inFolder('named'),
    inputs: { chat },
    sources: { 'init.name': openAi },
    params: { ...params, init: { kind: 'published', name: '345M' } },
  });
  await refuses(
    named,
    /contains a model with 2 layers of width 8; GPT-2 345M has 24 layers of width 1024/,
    /use the folder as it is/,
  );
  const other = { ...model, vocabularySize: 300 };
  const weights = initialWeights(other, 1);
  writeOpenAiFolder(inFolder('other'), other, (name) => weights[name]!);
  await refuses(fromFolder('vocabulary', inFolder('other')), /wte\.weight has 300 rows/, /the vocabulary of GPT-2/);
  cpSync(openAi, inFolder('cut'), { recursive: true });
  const data = inFolder('cut/model.ckpt.data-00000-of-00001');
  const bytes = readFileSync(data);
  bytes[statSync(data).size - 5]! ^= 1; // of wte, the last by name
  rmSync(data);
  writeFileSync(data, bytes);
  await refuses(
    fromFolder('flipped', inFolder('cut')),
    /data-00000-of-00001: model\/wte is damaged: its bytes have the CRC/,
    null,
  );
  assert.ok(!existsSync(inFolder('flipped/scratch/start')), 'nothing incomplete is published');
});

test('leaves the folder with the given weights unchanged', { skip }, () => {
  const opened = openWeightsFolder(openAi, modelFormat);
  assert.deepEqual(opened.model, { ...model, vocabularySize: 50257 });
  opened.close();
  assert.deepEqual(readdirSync(openAi).sort(), [
    'checkpoint',
    'hparams.json',
    'model.ckpt.data-00000-of-00001',
    'model.ckpt.index',
  ]);
});
