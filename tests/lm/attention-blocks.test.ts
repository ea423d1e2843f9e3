import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Engine } from '../../src/engine/engine.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { lossAndGradients, plainGradients } from '../../src/lm/training/gradients.ts';
import { attentionBlocks } from '../../src/lm/model/attention-blocks.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import type { Precision } from '../../src/lm/ops/precision.ts';
import { assertClose, variablesIn } from './kit.ts';

const skip = findTensorFlow() ? false : "TensorFlow's library is not installed";
const T = 600;
const config = { vocabularySize: 37, context: T, layers: 2, heads: 2, width: 16 };
const values = Object.fromEntries(
  Object.entries(initialWeights(config, 1)).map(([name, value]) => [
    name,
    name.includes('ln_') ? value : value.map((x) => 8 * x),
  ]),
);

test('a long context in bf16 is split into blocks of rows that cover it; a short one, or float32, is one block', () => {
  const ends = (length: number, precision: Precision): number[] =>
    attentionBlocks(length, precision).map(({ end }) => end);
  assert.deepEqual(ends(1024, 'bf16'), [256, 512, 768, 1024]);
  assert.deepEqual(ends(600, 'bf16'), [256, 512, 600]);
  assert.deepEqual(ends(511, 'bf16'), [511]);
  assert.deepEqual(ends(1024, 'fp32'), [1024]);
  const blocks = attentionBlocks(600, 'bf16');
  assert.deepEqual(
    blocks.map(({ start }) => start),
    [0, ...blocks.slice(0, -1).map(({ end }) => end)],
  );
});

test(
  'loss and gradients in blocks are close to those of float32 in one block, and with dropout they depend only on the seed',
  { skip },
  async () => {
    const engine = await openEngine({ engine: 'tensorflow', xla: false, threads: 2 });
    const exact = await gradientsIn(engine, 'fp32');
    const found = await gradientsIn(engine, 'bf16');
    assert.ok(
      Math.abs(found['loss']![0]! - exact['loss']![0]!) < 0.02 * exact['loss']![0]!,
      `${found['loss']} ${exact['loss']}`,
    );
    // The gradient of the keys' biases is only rounding noise.
    for (const name of Object.keys(exact).filter((name) => !name.endsWith('c_attn_bias')))
      assertClose(found[name]!, exact[name]!, 0.08, name);

    const dropped = await gradientsIn(engine, 'bf16', 0.3);
    assert.deepEqual(await gradientsIn(engine, 'bf16', 0.3), dropped);
    assert.notDeepEqual(dropped['loss'], found['loss']);
    engine.close();
  },
);

async function gradientsIn(engine: Engine, precision: Precision, rate = 0): Promise<Record<string, Float32Array>> {
  const ids = { shape: [1, T], dtype: 'int32' as const };
  const inputs = { tokens: ids, labels: ids, seed: { shape: [2], dtype: 'int32' as const } };
  const program = engine.compile(
    'gradients',
    { inputs, variables: variablesIn(engine, weightShapes(config), values) },
    (given, weights) => {
      const how = { ...plainGradients, precision, ...(rate > 0 ? { dropout: { rate, seed_2: given['seed']! } } : {}) };
      const { loss, gradients } = lossAndGradients(
        modelOf(config),
        weights,
        { tokens_BT: given['tokens']!, labels_BT: given['labels']! },
        how,
      );
      return {
        outputs: {
          loss,
          ...Object.fromEntries(Object.entries(gradients).map(([name, value]) => [name.replace(/\W/g, '_'), value])),
        },
      };
    },
  );
  const some = (factor: number): Int32Array => Int32Array.from({ length: T }, (_, i) => (i * i * factor + i) % 37);
  const found = await program.call({ tokens: some(3), labels: some(5), seed: Int32Array.of(1, 2) });
  program.close();
  return found;
}
