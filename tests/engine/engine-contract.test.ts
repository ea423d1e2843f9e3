import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Engine, Signature } from '../../src/engine/engine.ts';
import { engineNames, numbers, openForTest, relativeDifference, withoutTensorFlow } from './engines.ts';

for (const name of engineNames) {
  const options = { skip: name === 'tfjs' ? false : withoutTensorFlow };

  test(
    `${name}: a variable keeps the written value, which is a copy of the caller's array`,
    options,
    async (context) => {
      const engine = await openForTest(context, name);
      const value = Float32Array.of(1, 2, 3);
      const variable = engine.variable('x', [3], value);
      value[0] = 99;
      assert.deepEqual(await engine.read(variable), Float32Array.of(1, 2, 3));
      const next = Float32Array.of(4, 5, 6);
      engine.write(variable, next);
      next[0] = 99;
      const read = await engine.read(variable);
      assert.deepEqual(read, Float32Array.of(4, 5, 6));
      read[0] = 99;
      assert.deepEqual(await engine.read(variable), Float32Array.of(4, 5, 6), 'a value that was read is a copy, too');
    },
  );

  test(`${name}: variables are assigned after every read, even a swap`, options, async (context) => {
    const engine = await openForTest(context, name);
    const size = 10_000;
    const variables = {
      a: engine.variable('a', [size], new Float32Array(size).fill(1)),
      b: engine.variable('b', [size], new Float32Array(size).fill(2)),
      c: engine.variable('c', [size], new Float32Array(size).fill(0)),
    };
    const signature: Signature = { inputs: { x: { shape: [], dtype: 'float32' } }, variables };
    const program = engine.compile('swap', signature, ({ x }, { a, b, c }) => ({
      outputs: { before: tf.sum(tf.add(a!, b!)), untouched: a! },
      // c's new value is ready at once, a's is late: the other's read would see an assignment that did not wait.
      assign: { b: a!, a: slowly(b!), c: tf.add(c!, tf.mul(x!, tf.add(a!, tf.mul(10, b!)))) },
    }));
    for (let call = 1; call <= 4; call++) {
      const { before, untouched } = await program.call({ x: Float32Array.of(1) });
      assert.equal(before![0], 3 * size);
      const [a, b] = call % 2 === 1 ? [2, 1] : [1, 2];
      assert.equal(untouched![0], b, 'an output is the value before the assignment');
      assert.deepEqual([(await engine.read(variables.a))[0], (await engine.read(variables.b))[size - 1]], [a, b]);
    }
    assert.equal((await engine.read(variables.c))[5], 21 + 12 + 21 + 12);
  });

  test(
    `${name}: the second of two calls sees a write between them, and reads stay in order`,
    options,
    async (context) => {
      const engine = await openForTest(context, name);
      const { program, variable } = counter(engine);
      const first = program.call({ by: Float32Array.of(1) });
      const readAfterFirst = engine.read(variable);
      if (name === 'tfjs') await first;
      engine.write(variable, Float32Array.of(10));
      const second = program.call({ by: Float32Array.of(5) });
      assert.deepEqual(
        [(await first)['count']![0], (await readAfterFirst)[0], (await second)['count']![0]],
        [1, 1, 15],
      );
      assert.equal((await engine.read(variable))[0], 15);
    },
  );

  test(
    `${name}: returns integers and bools as floats; scalars, empty outputs and repeated outputs work`,
    options,
    async (context) => {
      const engine = await openForTest(context, name);
      const program = engine.compile(
        'shapes',
        { inputs: { i: { shape: [2, 2], dtype: 'int32' } }, variables: {} },
        ({ i }) => ({
          outputs: {
            same: i!,
            again: i!,
            sum: tf.sum(i!),
            more: tf.greater(i!, 2),
            none: tf.slice(i!, [0, 0], [0, 2]),
          },
        }),
      );
      assert.deepEqual(await program.call({ i: Int32Array.of(1, 2, 3, 4) }), {
        same: Float32Array.of(1, 2, 3, 4),
        again: Float32Array.of(1, 2, 3, 4),
        sum: Float32Array.of(10),
        more: Float32Array.of(0, 0, 1, 1),
        none: new Float32Array(0),
      });
    },
  );

  test(
    `${name}: a program is prepared before its variables have values, and changes none of them`,
    options,
    async (context) => {
      const engine = await openForTest(context, name);
      const [a, b] = [engine.declare('a', [300, 300]), engine.declare('b', [300, 300])];
      const signature: Signature = { inputs: { x: { shape: [], dtype: 'float32' } }, variables: { a, b } };
      const program = engine.compile('add', signature, ({ x }, { a, b }) => ({
        outputs: { sum: tf.sum(tf.add(tf.mul(a!, x!), b!)) },
        assign: { b: tf.add(b!, 1) },
      }));
      const prepared = program.prepare();
      engine.write(a, new Float32Array(90_000).fill(2));
      engine.write(b, new Float32Array(90_000).fill(3));
      const { sum } = await program.call({ x: Float32Array.of(5) });
      assert.equal(sum![0], 90_000 * 13);
      await prepared;
      assert.equal((await engine.read(b))[7], 4);
      await program.prepare();
      assert.equal((await engine.read(b))[7], 4);
      void program.prepare();
      program.close();
    },
  );

  test(`${name}: errors for wrong calls name the mistake`, options, async (context) => {
    const engine = await openForTest(context, name);
    const { program, variable } = counter(engine);
    await assert.rejects(program.call({}), /program count is missing its input by/);
    await assert.rejects(
      program.call({ by: Float32Array.of(1), to: Float32Array.of(1) }),
      /program count has no input to/,
    );
    await assert.rejects(
      program.call({ by: Float32Array.of(1, 2) }),
      /input by of program count is float32 \[\], but was given 2 values/,
    );
    await assert.rejects(program.call({ by: Int32Array.of(1) }), /float32 \[\], but was given 1 values of int32/);
    assert.throws(
      () => engine.write(variable, Float32Array.of(1, 2)),
      /variable counter has shape \[\], but was given 2 values/,
    );
    assert.throws(
      () => engine.variable('y', [2], Float32Array.of(1)),
      /variable y has shape \[2\], but was given 1 values/,
    );
    const other = await openForTest(context, 'tfjs');
    assert.throws(
      () => other.compile('x', { inputs: {}, variables: { variable } }, () => ({ outputs: {} })),
      /counter belongs to another engine/,
    );
    program.close();
    await assert.rejects(program.call({ by: Float32Array.of(1) }), /program count is closed/);
    engine.close();
    assert.throws(() => engine.variable('z', [], Float32Array.of(1)), /engine is closed/);
  });

  test(`${name}: the error for an assignment of another shape names it`, options, async (context) => {
    const engine = await openForTest(context, name);
    const x = engine.variable('x', [2, 2], new Float32Array(4));
    const wrong = (body: Body) => async () =>
      await engine.compile('p', { inputs: {}, variables: { x } }, body).call({});
    await assert.rejects(
      wrong(() => ({ outputs: {}, assign: { x: tf.zeros([2]) } })),
      /program p assigns float32 \[2\] to x, which is float32 \[2,2\]/,
    );
    await assert.rejects(
      wrong(() => ({ outputs: {}, assign: { x: tf.zeros([2, 2], 'int32') } })),
      /program p assigns int32 \[2,2\] to x/,
    );
    await assert.rejects(
      wrong(() => ({ outputs: {}, assign: { y: tf.zeros([2]) } })),
      /program p assigns y, which is not among its variables/,
    );
  });

  test(`${name}: the same program from the same start gives the same bits`, options, async (context) => {
    const runs = [];
    for (let run = 0; run < 2; run++) {
      const engine = await openForTest(context, name);
      runs.push(await trainSmall(engine, 5));
      engine.close();
    }
    assert.deepEqual(runs[1], runs[0]);
  });
}

for (const name of ['graph', 'xla'] as const) {
  test(
    `${name}: losses and gradients of a small network agree with tfjs within 1e-4`,
    { skip: withoutTensorFlow },
    async (context) => {
      const expected = await trainSmall(await openForTest(context, 'tfjs'), 3);
      const actual = await trainSmall(await openForTest(context, name), 3);
      for (const [key, values] of Object.entries(expected)) {
        assert.ok(
          relativeDifference(actual[key]!, values) < 1e-4,
          `${key}: ${relativeDifference(actual[key]!, values)}`,
        );
      }
      assert.ok(actual['loss_2']![0]! < actual['loss_0']![0]!, 'the loss decreases');
    },
  );
}

/** Returns x unchanged, but only after some work. */
function slowly(x: tf.Tensor): tf.Tensor {
  let rows = tf.tile(tf.reshape(x, [1, -1]), [30, 1]);
  for (let i = 0; i < 5; i++) rows = tf.add(tf.tanh(rows), tf.sub(rows, tf.tanh(rows)));
  return tf.round(tf.mean(rows, 0));
}

function counter(engine: Engine) {
  const variable = engine.variable('counter', [], Float32Array.of(0));
  const signature: Signature = { inputs: { by: { shape: [], dtype: 'float32' } }, variables: { counter: variable } };
  const program = engine.compile('count', signature, ({ by }, { counter }) => {
    const count = tf.add(counter!, by!);
    return { outputs: { count }, assign: { counter: count } };
  });
  return { program, variable };
}

/**
 * Trains a small network with the ops of a transformer (embedding, norm, attention, loss) by plain gradient descent.
 * Returns all losses, gradients and final weights.
 */
async function trainSmall(engine: Engine, steps: number): Promise<Record<string, Float32Array>> {
  const [V, C, N] = [17, 8, 12];
  const shapes = { wte: [V, C], qkv: [C, 3 * C], out: [C, C], gain: [C] };
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([key, shape], i) => [
      key,
      engine.variable(key, shape, numbers(tf.util.sizeFromShape(shape), -0.5, 0.5, i + 1)),
    ]),
  );
  const names = Object.keys(shapes);
  const body: Body = ({ tokens, labels }, given) => {
    const loss = (...values: tf.Tensor[]): tf.Scalar => {
      const w = Object.fromEntries(names.map((key, i) => [key, values[i]!]));
      let x = tf.gather(w['wte']!, tokens as tf.Tensor1D);
      const centred = tf.sub(x, tf.mean(x, -1, true));
      const normed = tf.mul(tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5))), w['gain']!);
      const [q, k, v] = tf.split(tf.matMul(normed as tf.Tensor2D, w['qkv'] as tf.Tensor2D), 3, 1) as [
        tf.Tensor2D,
        tf.Tensor2D,
        tf.Tensor2D,
      ];
      const read = tf.matMul(tf.softmax(tf.mul(tf.matMul(q, k, false, true), 0.35)), v);
      x = tf.add(x, tf.tanh(tf.matMul(read as tf.Tensor2D, w['out'] as tf.Tensor2D)));
      const logits = tf.matMul(x, w['wte'] as tf.Tensor2D, false, true);
      return tf.neg<tf.Scalar>(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(labels as tf.Tensor1D, V)), -1)));
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((key) => given[key]!));
    const outputs = { loss: value, ...Object.fromEntries(names.map((key, i) => [`d_${key}`, grads[i]!])) };
    return {
      outputs,
      assign: Object.fromEntries(names.map((key, i) => [key, tf.sub(given[key]!, tf.mul(0.3, grads[i]!))])),
    };
  };
  const ids = { shape: [N], dtype: 'int32' as const };
  const program = engine.compile('train', { inputs: { tokens: ids, labels: ids }, variables: weights }, body);
  const tokens = Int32Array.from({ length: N }, (_, i) => (i * 7) % V);
  const labels = Int32Array.from({ length: N }, (_, i) => (i * 5 + 1) % V);
  const seen: Record<string, Float32Array> = {};
  for (let step = 0; step < steps; step++) {
    for (const [key, values] of Object.entries(await program.call({ tokens, labels }))) seen[`${key}_${step}`] = values;
  }
  for (const key of names) seen[key] = await engine.read(weights[key]!);
  return seen;
}
