import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphValue } from '../../src/engine/capture/graph-builder.ts';
import { captureBackend } from '../../src/engine/capture/kernels/register-kernels.ts';
import { dropout } from '../../src/lm/model/dropout.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { fused } from '../../src/lm/ops/fused.ts';
import { lowered } from '../../src/lm/ops/precision.ts';
import { stateShapes, trainingInputs, trainingStep, updateInputs } from '../../src/lm/training/training-step.ts';
import { kernelCases } from './kernel-cases.ts';
import { openForTest } from './engines.ts';
import { recordingBuilder } from './recording-builder.ts';

/** Kernels work with any builder: here one that only records the operations as text, without TensorFlow's library. */
type Parameters = Record<string, { shape: number[]; dtype: 'float32' | 'int32' }>;
type Tensors = Record<string, tf.Tensor>;

function captured(parameters: Parameters, body: (given: Tensors) => tf.Tensor | tf.Tensor[]) {
  const builder = recordingBuilder();
  const backend = captureBackend();
  const results: GraphValue[] = backend.capture('p', builder, () => {
    const given = Object.entries(parameters).map(([name, { shape, dtype }]) => {
      return [name, backend.tensor(builder.parameter(dtype, shape))] as const;
    });
    return [body(Object.fromEntries(given))].flat().map((tensor) => backend.graphValue(tensor));
  });
  return { lines: builder.lines.filter((line) => !/= parameter/.test(line)), results };
}

const float = (...shape: number[]) => ({ shape, dtype: 'float32' as const });
const int = (...shape: number[]) => ({ shape, dtype: 'int32' as const });

test('a dropout mask is drawn from the seed mixed with its index', () => {
  const { lines } = captured({ x: float(2, 3), seed: int(2) }, ({ x, seed }) =>
    dropout(x!, 7, { rate: 0.5, seed_2: seed! }),
  );
  assert.deepEqual(lines, [
    '%2 = constant 0,7 : int32[2]',
    '%3 = bitwiseXor %1 %2 : int32[2]',
    '%4 = randomUniform %3 : float32[2,3]',
    '%5 = scalar 0.5 : float32[]',
    '%6 = greaterEqual %4 %5 : bool[2,3]',
    '%7 = scalar 2 : float32[]',
    '%8 = scalar 0 : float32[]',
    '%9 = select %6 %7 %8 : float32[2,3]',
    '%10 = multiply %0 %9 : float32[2,3]',
  ]);
});

test('a product is computed in bfloat16 if one operand is bfloat16, a sum in float32', () => {
  const { lines } = captured({ x: float(2, 3), w: float(3, 4) }, ({ x, w }) =>
    tf.sum(tf.matMul(lowered('bf16', x!), w!, false, false), 1),
  );
  assert.deepEqual(lines, [
    '%2 = cast %0 : bfloat16[2,3]',
    '%3 = cast %1 : bfloat16[3,4]',
    '%4 = matMul %2 %3 : bfloat16[2,4]',
    '%5 = cast %4 : float32[2,4]',
    '%6 = reduce sum [1] %5 : float32[2]',
  ]);
});

test('the builder gets fused operations as a unit, forward and backward', () => {
  const { lines } = captured({ x: float(4) }, ({ x }) =>
    tf.grad((given) => tf.sum(fused('half', [given], (value) => tf.mul(value, 0.5))))(x!),
  );
  assert.deepEqual(
    lines.filter((line) => /^(begin|end)/.test(line)),
    ['begin half', 'end half', 'begin half_gradient', 'end half_gradient'],
  );
});

test('ones and zeros of any size become a fill', () => {
  const { lines } = captured({ x: float(3, 40) }, ({ x }) => tf.add(x!, tf.ones([3, 40])));
  assert.deepEqual(lines, ['%1 = fill 1 : float32[3,40]', '%2 = add %0 %1 : float32[3,40]']);
});

test('every kernel can be built, with the shapes and dtypes that tfjs gives', async (context) => {
  const tfjs = await openForTest(context, 'tfjs');
  for (const kernelCase of kernelCases) {
    if (kernelCase.kernel === 'StridedSlice') continue;
    const expected: string[] = [];
    const inputs = Object.fromEntries(Object.entries(kernelCase.inputs).map(([key, { values }]) => [key, values]));
    const program = tfjs.compile('case', { inputs: kernelCase.inputs, variables: {} }, (given) => {
      for (const { dtype, shape } of [kernelCase.body(given)].flat()) expected.push(`${dtype}[${shape}]`);
      return { outputs: {} };
    });
    await program.call(inputs);
    const { results } = captured(kernelCase.inputs, kernelCase.body);
    assert.deepEqual(
      results.map(({ dtype, shape }) => `${dtype}[${shape}]`),
      expected,
      kernelCase.kernel,
    );
  }
});

test('a whole training step of GPT-2 can be built', () => {
  const model = modelOf({ vocabularySize: 17, context: 6, layers: 2, heads: 2, width: 8 });
  const optimizer = { kind: 'adamw', beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.3, clip: 0.5 } as const;
  const how = { precision: 'bf16', recomputeEvery: 1, lossRows: 5, dropout: 0.1 } as const;
  const state = stateShapes({ optimizer }, model.weightShapes);
  const inputs: Parameters = { ...trainingInputs(2, 6, { dropout: true }), ...updateInputs(optimizer) };
  const variables: Parameters = Object.fromEntries(
    Object.entries(state).map(([name, shape]) => [name, float(...shape)]),
  );
  const assigned: string[] = [];
  const { lines, results } = captured({ ...inputs, ...variables }, (given) => {
    const { outputs, assign } = trainingStep({ model, optimizer, options: how })(given, given);
    assigned.push(...Object.keys(assign));
    return [...Object.values(outputs), ...Object.values(assign)] as tf.Tensor[];
  });
  assert.deepEqual(new Set(assigned), new Set(Object.keys(state)));
  assert.deepEqual(
    results.map(({ shape }) => shape),
    [[], [], [], ...assigned.map((name) => state[name])],
  );
  assert.ok(lines.some((line) => / = barrier /.test(line)) && !lines.some((line) => /another builder/.test(line)));
});
