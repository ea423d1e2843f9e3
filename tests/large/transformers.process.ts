import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openWeightsFolder } from '../../src/artifacts/given-weights/weights-folder.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import type { WeightSource } from '../../src/lm/model/adapt-weights.ts';
import { forward } from '../../src/lm/model/forward.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { projectRoot } from '../../src/files/project-root.ts';
import { contract as train } from '../../stages/train/contract.ts';
import { torchPython } from '../bench/torch-python.ts';
import { gpt2Encoding, runStage, smallTalk, temporaryFolder, writeTokens } from '../stages/model-kit.ts';

/** The last version known to agree with us. */
const VERSION = '5.23.0';

const folder = temporaryFolder();
after(folder.remove);
const inFolder = (name: string): string => join(folder.dir, name);

function transformersPython(): string {
  const chosen = process.env['RUNNER_TRANSFORMERS_PYTHON'];
  if (chosen) return chosen;
  const python = torchPython();
  try {
    execFileSync(python, ['-c', 'import transformers'], { stdio: 'ignore' });
  } catch {
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', `transformers==${VERSION}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }
  return python;
}

interface Answer {
  missing: string[];
  unexpected: string[];
  logits: number[];
  encoded: number[];
  decoded: string;
  end: number;
}

function byTransformers(task: string[], request: { ids: number[][]; text: string | null } | null): Answer {
  const script = join(projectRoot(), 'tests', 'large', 'with-transformers.py');
  const output = execFileSync(transformersPython(), [script, ...task], {
    input: JSON.stringify(request),
    maxBuffer: 2 ** 30,
    env: { ...process.env, HF_HUB_OFFLINE: '1', CUDA_VISIBLE_DEVICES: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(output.toString('utf8')) as Answer;
}

async function byOurselves({ model, read }: WeightSource, ids: number[][]): Promise<Float32Array> {
  const engine = await openTfjsEngine();
  const variables = Object.fromEntries(
    Object.entries(weightShapes(model)).map(([name, shape]) => [name, engine.variable(name, shape, read(name))]),
  );
  const shape = [ids.length, ids[0]!.length];
  const program = engine.compile(
    'logits',
    { inputs: { tokens: { shape, dtype: 'int32' } }, variables },
    (inputs, all) => ({
      outputs: { logits: modelOf(model).logits(all, forward(modelOf(model), all, { tokens_BT: inputs['tokens']! })) },
    }),
  );
  const result = await program.call({ tokens: Int32Array.from(ids.flat()) });
  engine.close();
  return result['logits']!;
}

async function assertSameLogits(dir: string, text: string | null): Promise<Answer> {
  const opened = openWeightsFolder(dir, modelFormat);
  const ids = [0, 1].map((row) =>
    Array.from({ length: opened.model.context }, (_, i) => (row * 9973 + i * 7919) % 50257),
  );
  const ours = await byOurselves(opened, ids);
  opened.close();
  const theirs = byTransformers(['logits', dir], { ids, text });
  assert.deepEqual([theirs.missing, theirs.unexpected], [[], []], 'every tensor is used, and none is missing');
  assert.equal(theirs.logits.length, ours.length);
  const largest = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs.logits[i]!)), 0);
  console.error(
    `${dir.slice(folder.dir.length + 1)}: ${ours.length} logits, largest difference ${largest.toExponential(1)}`,
  );
  assert.ok(largest < 1e-4, `largest difference ${largest}`);
  assert.ok(
    ours.some((value) => Math.abs(value) > 0.5),
    'the logits are not all near zero',
  );
  return theirs;
}

test('transformers loads final, best and start of a train stage, and computes the same logits and tokens', async () => {
  const chat = inFolder('chat');
  writeTokens(chat, { train: [1, 2, 3].map((seed) => smallTalk(30, seed)), validation: [smallTalk(30, 99)] });
  const params = {
    model: { layers: 2, heads: 2, width: 32, context: 40 },
    steps: 60,
    batchSize: 4,
    schedule: { kind: 'constant', peak: 0.01 },
    validateEvery: 20,
    validationBatches: 2,
  };
  const { outDir } = await runStage(train, { dir: inFolder('run'), inputs: { chat }, params });
  const text = 'Zoë: I’m  there at 10\n(12345) Ann: 日本 🙂!';
  for (const part of ['final', 'best']) {
    const { encoded, decoded, end } = await assertSameLogits(join(outDir, part), text);
    assert.deepEqual(encoded, gpt2Encoding().encode(text));
    assert.deepEqual([decoded, end], [text, 50256]);
  }
  const second = await runStage(train, {
    dir: inFolder('second'),
    inputs: { chat, start: outDir },
    params: { ...params, steps: 2, model: undefined, init: { kind: 'artifact', insertLayersAfter: [1] } },
  });
  await assertSameLogits(join(second.outDir, 'start'), null);
});

test('we load models saved by transformers, with and without a head, and compute the same logits', async () => {
  byTransformers(['save', inFolder('theirs')], null);
  assert.ok(existsSync(inFolder('theirs/model.safetensors')));
  await assertSameLogits(inFolder('theirs'), null);
  byTransformers(['save', inFolder('headless'), 'GPT2Model'], null);
  const opened = openWeightsFolder(inFolder('headless'), modelFormat);
  assert.deepEqual(opened.model, { vocabularySize: 50257, context: 48, layers: 3, heads: 4, width: 32 });
  opened.close();
});
