import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bfloat16Of, float32Of } from '../../src/numbers/bfloat16.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openForTest, withoutTensorFlow } from '../engine/engines.ts';

const onTensorFlow = { skip: withoutTensorFlow };

// Halfway cases go to the even neighbour. 1e-40 is subnormal; there the spacing is 2^-133.
const given = Float32Array.of(
  0,
  -0,
  1,
  1 + 2 ** -8,
  1 + 3 * 2 ** -8,
  -1 - 2 ** -9,
  3.14159,
  3.4e38,
  1e-40,
  Infinity,
  -Infinity,
);
const rounded = [0, -0, 1, 1, 1 + 2 ** -6, -1, 3.140625, Infinity, 2 ** -133, Infinity, -Infinity];

test('rounds to the nearest bfloat16, ties to even, and keeps NaN', () => {
  assert.deepEqual([...float32Of(bfloat16Of(given))], rounded);
  assert.deepEqual([...float32Of(bfloat16Of(Float32Array.of(NaN)))], [NaN]);
  const payload = new Float32Array(Uint32Array.of(0x7f800001, 0xffffffff).buffer);
  assert.deepEqual([...float32Of(bfloat16Of(payload))], [NaN, NaN]);
});

test("rounds like TensorFlow's Cast", onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** ((i % 30) - 15));
  const cast = engine.compile(
    'cast',
    { inputs: { x: { shape: [1000], dtype: 'float32' } }, variables: {} },
    ({ x }) => ({ outputs: { y: tf.engine().runKernel<tf.Tensor>('ToBfloat16', { x: x! }) } }),
  );
  assert.deepEqual(float32Of(bfloat16Of(values)), (await cast.call({ x: values }))['y']);
});

for (const kind of ['graph', 'xla'] as const) {
  test(
    `a bf16 variable rounds on write and assignment, and is a float32 outside (${kind})`,
    onTensorFlow,
    async (context) => {
      const engine: Engine = await openForTest(context, kind);
      const half = engine.variable('half', [2], Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8), 'bf16');
      assert.equal(half.precision, 'bf16');
      assert.deepEqual([...(await engine.read(half))], [1, 1 + 2 ** -6]);
      const program = engine.compile(
        'step',
        { inputs: { x: { shape: [2], dtype: 'float32' } }, variables: { half } },
        ({ x }, { half }) => {
          return { outputs: { sum: tf.add(half!, x!) }, assign: { half: tf.add(half!, x!) } };
        },
        kind === 'graph' ? 'xla' : 'graph',
      );
      // The sum is a float32; the stored value is rounded.
      assert.deepEqual(
        [...(await program.call({ x: Float32Array.of(2 ** -10, 2) }))['sum']!],
        [1 + 2 ** -10, 3 + 2 ** -6],
      );
      assert.deepEqual([...(await engine.read(half))], [1, 3.015625]);
      engine.write(half, Float32Array.of(5, 3.14159));
      assert.deepEqual([...(await engine.read(half))], [5, 3.140625]);
    },
  );
}

test('tfjs has no bfloat16, and the error says what to do', async (context) => {
  const engine = await openForTest(context, 'tfjs');
  assert.throws(
    () => engine.variable('half', [1], Float32Array.of(1), 'bf16'),
    /tfjs has no bfloat16: use engine: tensorflow/,
  );
});
