import * as tf from '@tensorflow/tfjs-core';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Engine } from '../../src/engine/engine.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { dropout } from '../../src/lm/model/dropout.ts';
import { type GradientOptions, lossAndGradients, plainGradients } from '../../src/lm/training/gradients.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { assertClose, largest, variablesIn } from './kit.ts';

const skip = findTensorFlow() ? false : "TensorFlow's library is not installed";
const config = { vocabularySize: 37, context: 9, layers: 3, heads: 2, width: 16 };
const ids = (add: number): Int32Array => Int32Array.from({ length: 27 }, (_, i) => (i * 11 + add) % 37);
// Weights far from their initial values, so that gradients vary as in a trained model.
const values = Object.fromEntries(
  Object.entries(initialWeights(config, 1)).map(([name, value]) => [
    name,
    name.includes('ln_') ? value : value.map((x) => 8 * x),
  ]),
);
const compilers = [
  { engine: 'tensorflow', xla: true },
  { engine: 'tensorflow', xla: false },
  { engine: 'tfjs', xla: false },
] as const;

type Found = Record<string, Float32Array>;

/** Loss and gradients, with different weights for the targets. */
async function gradientsWith(
  engine: Engine,
  how: GradientOptions,
  { drop, seed = 1 }: { drop?: number; seed?: number } = {},
): Promise<Found> {
  const shape = [3, 9];
  const inputs = {
    tokens: { shape, dtype: 'int32' as const },
    labels: { shape, dtype: 'int32' as const },
    counts: { shape, dtype: 'float32' as const },
    seed: { shape: [2], dtype: 'int32' as const },
  };
  const names = Object.keys(values);
  const program = engine.compile(
    'gradients',
    { inputs, variables: variablesIn(engine, weightShapes(config), values) },
    (given, weights) => {
      const batch = { tokens_BT: given['tokens']!, labels_BT: given['labels']!, labelWeights_BT: given['counts']! };
      const { loss, gradients } = lossAndGradients(modelOf(config), weights, batch, {
        ...how,
        ...(drop ? { dropout: { rate: drop, seed_2: given['seed']! } } : {}),
      });
      return { outputs: { loss, ...Object.fromEntries(names.map((name, i) => [`g${i}`, gradients[name]!])) } };
    },
  );
  const counts = Float32Array.from({ length: 27 }, (_, i) => i % 3);
  const found = await program.call({ tokens: ids(0), labels: ids(5), counts, seed: Int32Array.of(seed, -7) });
  program.close();
  return { loss: found['loss']!, ...Object.fromEntries(names.map((name, i) => [name, found[`g${i}`]!])) };
}

function assertSame(found: Found, expected: Found, tolerance: number, what: string): void {
  for (const name of Object.keys(expected)) assertClose(found[name]!, expected[name]!, tolerance, `${what}: ${name}`);
}

for (const choice of compilers) {
  const what = `${choice.engine} ${choice.xla ? 'XLA' : 'op by op'}`;
  const options = { skip: choice.engine === 'tensorflow' && skip };

  test(`${what}: recomputed blocks and a loss in blocks of rows give the same gradients`, options, async () => {
    const engine = await openEngine({ ...choice, threads: 2 });
    const plain = await gradientsWith(engine, plainGradients);
    for (const how of [
      { recomputeEvery: 1, lossRows: 0 },
      { recomputeEvery: 2, lossRows: 0 },
      { recomputeEvery: 5, lossRows: 4 },
      { recomputeEvery: 0, lossRows: 10 },
    ]) {
      assertSame(await gradientsWith(engine, { ...plainGradients, ...how }), plain, 2e-5, JSON.stringify(how));
    }
    engine.close();
  });

  test(
    `${what}: dropout depends only on the seed, recomputed or not, and the mean over many seeds is the full value`,
    options,
    async () => {
      const engine = await openEngine({ ...choice, threads: 2 });
      const dropped = await gradientsWith(engine, plainGradients, { drop: 0.2 });
      assert.deepEqual(await gradientsWith(engine, plainGradients, { drop: 0.2 }), dropped);
      assertSame(
        await gradientsWith(engine, { ...plainGradients, recomputeEvery: 1 }, { drop: 0.2 }),
        dropped,
        2e-5,
        'recomputed',
      );
      assert.notEqual(
        (await gradientsWith(engine, plainGradients, { drop: 0.2, seed: 2 }))['loss']![0],
        dropped['loss']![0],
      );
      const mask = engine.compile(
        'mask',
        { inputs: { seed: { shape: [2], dtype: 'int32' } }, variables: {} },
        (given) => ({ outputs: { mask: dropout(tf.ones([200, 200]), 5, { rate: 0.2, seed_2: given['seed']! }) } }),
      );
      const drawn = (await mask.call({ seed: Int32Array.of(3, 4) }))['mask']!;
      const kept = drawn.filter((value) => value > 0);
      assert.ok(kept.every((value) => Math.abs(value - 1.25) < 1e-6));
      // 40,000 draws: the standard deviation of the share is 0.002.
      assert.ok(Math.abs(kept.length / drawn.length - 0.8) < 0.01, `${kept.length} of ${drawn.length}`);
      engine.close();
    },
  );
}

for (const xla of [true, false]) {
  test(`bf16 ${xla ? 'in XLA' : 'in a graph'} is close to fp32, but not equal`, { skip }, async () => {
    const engine = await openEngine({ engine: 'tensorflow', xla, threads: 2 });
    const exact = await gradientsWith(engine, plainGradients);
    for (const recomputeEvery of [0, 1]) {
      const found = await gradientsWith(engine, {
        ...plainGradients,
        precision: 'bf16',
        recomputeEvery,
        lossRows: recomputeEvery * 10,
      });
      // The gradient of the keys' biases is only rounding noise.
      for (const name of Object.keys(exact).filter((name) => !name.endsWith('c_attn.bias')))
        assertClose(found[name]!, exact[name]!, 0.06, name);
      assert.ok(Math.abs(found['loss']![0]! - exact['loss']![0]!) < 0.02 * exact['loss']![0]!);
      const matrix = 'h.1.mlp.c_fc.weight';
      const off = found[matrix]!.map((value, i) => value - exact[matrix]![i]!);
      assert.ok(largest(off) > 1e-4 * largest(exact[matrix]!), 'as exact as fp32: it did not compute in bf16');
    }
    engine.close();
  });
}

test('tfjs refuses bf16 with a message', async () => {
  const engine = await openEngine({ engine: 'tfjs', xla: false, threads: 1 });
  await assert.rejects(
    gradientsWith(engine, { ...plainGradients, precision: 'bf16' }),
    /tfjs has no bfloat16: use engine: tensorflow/,
  );
  engine.close();
});
