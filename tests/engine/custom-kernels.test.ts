import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropout } from '../../src/lm/model/dropout.ts';
import { fused } from '../../src/lm/ops/fused.ts';
import { blockedCrossEntropy, meanCrossEntropy } from '../../src/lm/training/loss.ts';
import { lowered, raised } from '../../src/lm/ops/precision.ts';
import {
  engineNames,
  numbers,
  openForTest,
  relativeDifference,
  withoutTensorFlow,
  type EngineName,
} from './engines.ts';

/**
 * Compares the kernels that tfjs lacks, and their gradients from src/lm, with the same functions written in plain tfjs
 * ops, on tfjs's own backend.
 */
const [N, C, V] = [6, 8, 11];
const inputs = {
  x: { shape: [N, C], dtype: 'float32' as const },
  w: { shape: [V, C], dtype: 'float32' as const },
  labels: { shape: [N], dtype: 'int32' as const },
  counts: { shape: [N], dtype: 'float32' as const },
  seed: { shape: [2], dtype: 'int32' as const },
};
const values = {
  x: numbers(N * C, -2, 2, 1),
  w: numbers(V * C, -1, 1, 2),
  labels: Int32Array.from(numbers(N, 0, V, 3), Math.floor),
  counts: Float32Array.of(1, 0, 2, 1, 1, 3),
  seed: Int32Array.of(7, -9),
};
type Given = Record<keyof typeof inputs, tf.Tensor>;
type Named = Record<string, tf.Tensor>;

async function on(
  name: EngineName,
  context: import('node:test').TestContext,
  body: (given: Given) => Named,
): Promise<Record<string, Float32Array>> {
  const engine = await openForTest(context, name);
  return engine.compile('own', { inputs, variables: {} }, (given) => ({ outputs: body(given as Given) })).call(values);
}

/** The value of `f` at (x, w) and both gradients, under names that begin with `name`. */
function graded(name: string, { x, w }: Given, f: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor): Named {
  const { value, grads } = tf.valueAndGrads((...both: tf.Tensor[]) => f(both[0]!, both[1]!) as tf.Scalar)([x, w]);
  return { [name]: value, [`${name}_dx`]: grads[0]!, [`${name}_dw`]: grads[1]! };
}

function agree(
  found: Record<string, Float32Array>,
  expected: Record<string, Float32Array>,
  tolerance: number,
  what: string,
): void {
  assert.deepEqual(Object.keys(found), Object.keys(expected));
  for (const name of Object.keys(expected)) {
    const difference = relativeDifference(found[name]!, expected[name]!);
    assert.ok(difference < tolerance, `${what}: ${name} differs by ${difference}\n${found[name]}\n${expected[name]}`);
  }
}

const half = (x: tf.Tensor): tf.Tensor => tf.mul(tf.tanh(x), tf.sigmoid(x));
const rowsTimes = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => tf.matMul(x, w, false, true);

for (const name of engineNames) {
  const options = { skip: name !== 'tfjs' && withoutTensorFlow };

  test(
    `${name}: fused functions give the value and gradients of their ops, called twice, in other shapes, with constants`,
    options,
    async (context) => {
      const written =
        (
          fusedOrPlain: (
            name: string,
            xs: tf.Tensor[],
            f: (...xs: tf.Tensor[]) => tf.Tensor,
            constants?: tf.Tensor[],
          ) => tf.Tensor,
        ) =>
        (given: Given): Named =>
          graded('sum', given, (x, w) => {
            const [once, twice, other] = [
              fusedOrPlain('half', [x], (a) => half(a)),
              fusedOrPlain('half', [tf.mul(x, 0.5)], (a) => half(a)),
              fusedOrPlain('half', [w], (a) => half(a)),
            ];
            const scaled = fusedOrPlain(
              'scaled',
              [tf.add(once, twice), x],
              (a, b, c) => tf.mul(tf.add(a, tf.square(b)), c),
              [tf.expandDims(given.counts, 1)],
            );
            return tf.sum(rowsTimes(scaled, other));
          });
      const plain = await on(
        'tfjs',
        context,
        written((_, xs, f, constants = []) => f(...xs, ...constants)),
      );
      agree(await on(name, context, written(fused)), plain, 3e-6, name);
    },
  );

  test(
    `${name}: the loss at targets and its gradients equal those of logSoftmax, whole and in blocks of rows`,
    options,
    async (context) => {
      const plain = await on('tfjs', context, (given) => {
        const lossOf =
          (counts: tf.Tensor) =>
          (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
            const likely = tf.sum(tf.mul(tf.logSoftmax(rowsTimes(x, w)), tf.oneHot(given.labels as tf.Tensor1D, V)), 1);
            return tf.neg(tf.div(tf.sum(tf.mul(likely, counts)), tf.sum(counts)));
          };
        return {
          ...graded('mean', given, lossOf(tf.onesLike(given.counts))),
          ...graded('counted', given, lossOf(given.counts)),
        };
      });
      const gradientsOf =
        (loss: (x: tf.Tensor, w: tf.Tensor, given: Given, counts?: tf.Tensor) => tf.Tensor) =>
        (given: Given): Named => ({
          ...graded('mean', given, (x, w) => loss(x, w, given)),
          ...graded('counted', given, (x, w) => loss(x, w, given, given.counts)),
        });
      agree(
        await on(
          name,
          context,
          gradientsOf((x, w, { labels }, counts) => meanCrossEntropy(rowsTimes(x, w), labels, counts)),
        ),
        plain,
        3e-6,
        name,
      );
      for (const rows of [6, 4, 1]) {
        const blocked = gradientsOf((x, w, { labels }, counts) =>
          blockedCrossEntropy(
            { x_NC: x, head_VC: w, labels_N: labels, ...(counts ? { weights_N: counts } : {}) },
            { rows, precision: 'fp32' },
          ),
        );
        agree(await on(name, context, blocked), plain, 3e-6, `${name}, ${rows} rows`);
      }
    },
  );

  test(`${name}: dropout masks its gradient like its values`, options, async (context) => {
    const found = await on(name, context, (given) => {
      const drop = { rate: 0.5, seed_2: given.seed };
      return {
        ...graded('sum', given, (x, w) => tf.add(tf.sum(dropout(x, 3, drop)), tf.sum(w))),
        mask: dropout(tf.onesLike(given.x), 3, drop),
        other: dropout(tf.onesLike(given.x), 4, drop),
      };
    });
    assert.deepEqual(found['sum_dx'], found['mask']);
    assert.notDeepEqual(found['mask'], found['other'], 'another index gives another mask');
    assert.ok(found['mask']!.every((value) => value === 0 || value === 2) && new Set(found['mask']).size === 2);
  });
}

for (const name of ['graph', 'xla'] as const) {
  test(
    `${name}: casts to the nearest bfloat16, ties to even; gradients pass through both casts`,
    { skip: withoutTensorFlow },
    async (context) => {
      const found = await on(name, context, (given) => ({
        rounded: raised('bf16', lowered('bf16', given.x)),
        ...graded('sum', given, (x, w) => tf.add(tf.sum(tf.mul(raised('bf16', lowered('bf16', x)), 3)), tf.sum(w))),
      }));
      assert.deepEqual(found['rounded'], values.x.map(nearestBfloat16));
      assert.deepEqual(
        found['sum_dx'],
        values.x.map(() => 3),
      );
    },
  );
}

/** Rounds to a significand of eight bits, by arithmetic. */
function nearestBfloat16(x: number): number {
  if (x === 0) return x;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7);
  const [below, rest] = [Math.floor(x / unit), x / unit - Math.floor(x / unit)];
  return unit * (rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below);
}
