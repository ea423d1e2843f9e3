import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeModel } from '../kit/write-model.ts';
import { openTokens } from '../../src/artifacts/tokens/tokens.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { forward } from '../../src/lm/model/forward.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { contract as evaluate } from '../../stages/evaluate/contract.ts';
import {
  digestsOf,
  metricsOf,
  runStage,
  skipWithoutTensorFlow,
  smallTalk,
  temporaryFolder,
  writeTokens,
} from './model-kit.ts';

const folder = temporaryFolder();
const model = { vocabularySize: 50257, context: 10, layers: 1, heads: 2, width: 8 };
const inputs = { checkpoint: join(folder.dir, 'checkpoint'), 'held-out': join(folder.dir, 'tokens') };
const documents = [smallTalk(4, 3), 'Zoë: ça va?\n'];
const start = initialWeights(model, 77);
const trained = Object.fromEntries(
  Object.entries(initialWeights(model, 5)).map(([name, values]) => [
    name,
    name.includes('ln_') ? values : values.map((value) => 15 * value),
  ]),
);

interface Report {
  loss: number;
  perplexity: number;
  bitsPerByte: number;
  tokens: number;
  baseline: Omit<Report, 'baseline' | 'classes'>;
  classes: Record<string, { loss: number; tokens: number }>;
}

before(async () => {
  writeTokens(inputs['held-out'], { train: ['x'], validation: documents });
  const tensors = Object.entries(weightShapes(model)).map(([name, shape]) => ({
    name,
    shape,
    read: () => trained[name]!,
  }));
  const training = {
    version: 1 as const,
    step: 12,
    seed: 5,
    init: { kind: 'random' as const, seed: 77 },
    validationLoss: null,
  };
  await writeModel(join(inputs.checkpoint, 'best'), { model, training, tensors });
});
after(folder.remove);

/** Window by window and row by row, with a softmax in double precision. */
async function naiveNats(weights: Record<string, Float32Array>): Promise<{ nats: number; targets: number }> {
  const reader = openTokens(inputs['held-out']);
  const split = reader.split('validation');
  const ids = [...split.read(0, split.tokens)];
  reader.close();
  const engine = await openTfjsEngine();
  const variables = Object.fromEntries(
    Object.entries(weightShapes(model)).map(([name, shape]) => [name, engine.variable(name, shape, weights[name]!)]),
  );
  let nats = 0;
  let targets = 0;
  for (let first = 0; first < ids.length - 1; first += model.context) {
    const window = ids.slice(first, first + model.context + 1);
    const length = window.length - 1;
    const program = engine.compile(
      'naive',
      { inputs: { tokens: { shape: [1, length], dtype: 'int32' } }, variables },
      (given, all) => {
        return {
          outputs: {
            logits: modelOf(model).logits(all, forward(modelOf(model), all, { tokens_BT: given['tokens']! })),
          },
        };
      },
    );
    const { logits: rows } = await program.call({ tokens: Int32Array.from(window.slice(0, -1)) });
    for (let t = 0; t < length; t++, targets++) {
      const row = Array.from(rows!.subarray(t * 50257, (t + 1) * 50257));
      nats += Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[window[t + 1]!]!;
    }
  }
  engine.close();
  return { nats, targets };
}

async function run(engine: string) {
  const { outDir, events } = await runStage(evaluate, { dir: join(folder.dir, engine), inputs, params: { engine } });
  return { report: JSON.parse(readFileSync(join(outDir, 'report.json'), 'utf8')) as Report, outDir, events };
}

for (const engine of ['tfjs', 'tensorflow']) {
  test(
    `with ${engine}, loss, perplexity and bits per byte are those of a naive computation, for the model and for its start`,
    { skip: engine === 'tensorflow' && skipWithoutTensorFlow },
    async () => {
      const { report, events } = await run(engine);
      const bytes = documents.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      for (const [found, weights] of [
        [report, trained],
        [report.baseline, start],
      ] as const) {
        const { nats, targets } = await naiveNats(weights);
        assert.equal(found.tokens, targets);
        assert.ok(Math.abs(found.loss / (nats / targets) - 1) < 1e-5, `loss ${found.loss}, naive ${nats / targets}`);
        assert.ok(Math.abs(found.perplexity / Math.exp(nats / targets) - 1) < 1e-4);
        assert.ok(Math.abs(found.bitsPerByte / (nats / Math.log(2) / bytes) - 1) < 1e-5);
      }
      assert.ok(Math.abs(report.baseline.loss - Math.log(50257)) < 0.1);
      // The means of the classes, weighted by their tokens, add up to the total.
      const classes = Object.values(report.classes);
      assert.equal(
        classes.reduce((sum, { tokens }) => sum + tokens, 0),
        report.tokens,
      );
      assert.ok(
        Math.abs(classes.reduce((sum, { loss, tokens }) => sum + loss * tokens, 0) / report.tokens - report.loss) <
          1e-7,
      );
      assert.deepEqual(metricsOf(events, 'evaluate/loss'), [[0, report.loss]]);
      assert.deepEqual(metricsOf(events, 'evaluate/bits_per_byte'), [[0, report.bitsPerByte]]);
      assert.deepEqual(metricsOf(events, 'evaluate/perplexity'), [[0, report.perplexity]]);
      assert.deepEqual(metricsOf(events, 'evaluate/baseline_loss'), [[0, report.baseline.loss]]);
    },
  );
}

test('the report has the same bytes when repeated, and a readable version', async () => {
  const first = digestsOf((await run('tfjs')).outDir);
  const { outDir } = await run('tfjs');
  assert.deepEqual(digestsOf(outDir), first);
  assert.match(readFileSync(join(outDir, 'report.md'), 'utf8'), /after 12 steps \| untrained start/);
});

test('fails without held-out text', async () => {
  writeTokens(join(folder.dir, 'none'), { train: ['x'], validation: [] });
  await assert.rejects(
    runStage(evaluate, {
      dir: join(folder.dir, 'none-run'),
      inputs: { ...inputs, 'held-out': join(folder.dir, 'none') },
      params: { engine: 'tfjs' },
    }),
    (error: Error) => {
      assert.ok(error instanceof StageInputError);
      assert.match(error.message, /the tokens have no validation text to measure on/);
      return true;
    },
  );
});
