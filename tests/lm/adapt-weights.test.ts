import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { adaptWeights, type Adaptation, type WeightSource } from '../../src/lm/model/adapt-weights.ts';
import { forward } from '../../src/lm/model/forward.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';

const model: ModelConfig = { vocabularySize: 40, context: 8, layers: 2, heads: 2, width: 8 };
const weights = Object.fromEntries(
  Object.entries(initialWeights(model, 3)).map(([name, values]) => [
    name,
    values.map((value, i) => value * 10 + Math.sin(i) / 10),
  ]),
);
const source: WeightSource = { model, read: (name) => weights[name]! };
const unchanged: Adaptation = { context: 8, extendContext: 'refuse', insertLayersAfter: [] };

async function logitsOf({ model: config, read }: WeightSource, tokens: number[]): Promise<Float32Array> {
  const engine = await openTfjsEngine();
  const variables = Object.fromEntries(
    Object.entries(weightShapes(config)).map(([name, shape]) => [name, engine.variable(name, shape, read(name))]),
  );
  const program = engine.compile(
    'logits',
    { inputs: { tokens: { shape: [1, tokens.length], dtype: 'int32' } }, variables },
    (inputs, all) => {
      return {
        outputs: {
          logits: modelOf(config).logits(all, forward(modelOf(config), all, { tokens_BT: inputs['tokens']! })),
        },
      };
    },
  );
  const result = await program.call({ tokens: Int32Array.from(tokens) });
  engine.close();
  return result['logits']!;
}

test('without changes, every tensor is the same', () => {
  const same = adaptWeights(source, unchanged);
  assert.deepEqual(same.model, model);
  for (const name of Object.keys(weightShapes(model))) assert.deepEqual(same.read(name), weights[name], name);
});

test('inserted layers do not change the logits, are in the requested positions, and can learn', async () => {
  const tokens = [1, 5, 39, 0, 7];
  const deeper = adaptWeights(source, { ...unchanged, insertLayersAfter: [1, 0, 0] });
  assert.equal(deeper.model.layers, 5);
  assert.deepEqual(await logitsOf(deeper, tokens), await logitsOf(source, tokens));
  const from = (layer: number): string =>
    ['h.0', 'h.1'].find((h) => weights[`${h}.attn.c_attn.weight`] === deeper.read(`h.${layer}.attn.c_attn.weight`))!;
  assert.deepEqual([0, 1, 2, 3, 4].map(from), ['h.0', 'h.0', 'h.0', 'h.1', 'h.1']);
  const isSilent = (layer: number): boolean =>
    ['attn.c_proj.weight', 'attn.c_proj.bias', 'mlp.c_proj.weight', 'mlp.c_proj.bias'].every((rest) =>
      deeper.read(`h.${layer}.${rest}`).every((value) => value === 0),
    );
  assert.deepEqual([0, 1, 2, 3, 4].map(isSilent), [false, true, true, false, true]);
  // The inputs of the zeroed projections are not zero, so their gradients are not zero either.
  assert.ok(
    deeper.read('h.1.attn.c_attn.weight').some((value) => value !== 0) &&
      deeper.read('h.4.mlp.c_fc.weight').some((value) => value !== 0),
  );
  for (const [name, shape] of Object.entries(weightShapes(deeper.model)))
    assert.equal(
      deeper.read(name).length,
      shape.reduce((a, b) => a * b, 1),
      name,
    );
  assert.throws(() => adaptWeights(source, { ...unchanged, insertLayersAfter: [2] }), {
    name: 'RangeError',
    message: 'cannot insert a layer after layer 2: the last one is 1',
  });
});

test('a shorter context keeps the first positions, so short texts have the same logits', async () => {
  const shorter = adaptWeights(source, { ...unchanged, context: 5 });
  assert.equal(shorter.model.context, 5);
  assert.deepEqual(shorter.read('wpe.weight'), weights['wpe.weight']!.slice(0, 5 * 8));
  assert.deepEqual(await logitsOf(shorter, [3, 1, 4, 1, 5]), await logitsOf(source, [3, 1, 4, 1, 5]));
});

test('a longer context needs a rule, and repeated and stretched rows match those computed by hand', () => {
  const rows = weights['wpe.weight']!;
  const row = (values: Float32Array, index: number): number[] => [...values.subarray(index * 8, index * 8 + 8)];
  assert.throws(() => adaptWeights(source, { ...unchanged, context: 9 }), {
    name: 'RangeError',
    message: 'the context is 9, but the weights have only 8 positions',
  });
  const repeated = adaptWeights(source, { ...unchanged, context: 20, extendContext: 'repeat' }).read('wpe.weight');
  assert.deepEqual(
    [0, 7, 8, 15, 16, 19].map((index) => row(repeated, index)),
    [0, 7, 0, 7, 0, 3].map((index) => row(rows, index)),
  );
  const stretched = adaptWeights(source, { ...unchanged, context: 15, extendContext: 'stretch' }).read('wpe.weight');
  assert.deepEqual(
    [0, 2, 14].map((index) => row(stretched, index)),
    [0, 1, 7].map((index) => row(rows, index)),
  );
  row(stretched, 5).forEach((value, c) =>
    assert.ok(Math.abs(value - (row(rows, 2)[c]! + row(rows, 3)[c]!) / 2) < 1e-7),
  );
});
