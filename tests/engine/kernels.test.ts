import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Body, Engine } from '../../src/engine/engine.ts';
import { kernels } from '../../src/engine/capture/kernels/register-kernels.ts';
import { openForTest, relativeDifference, withoutTensorFlow } from './engines.ts';
import { kernelCases, type KernelCase } from './kernel-cases.ts';

test('every kernel that can be captured has a case here', () => {
  const looked = new Set(kernelCases.map(({ kernel }) => kernel));
  // tfjs has no bfloat16 to compare with; tests/lm/recompute.test.ts covers those two.
  assert.deepEqual(
    Object.keys(kernels).filter((name) => !looked.has(name)),
    ['ToFloat32', 'ToBfloat16'],
  );
});

test(
  'each kernel in a TensorFlow graph gives the same result as tfjs in plain JavaScript',
  { skip: withoutTensorFlow },
  async (context) => {
    const [tfjs, graph] = [await openForTest(context, 'tfjs'), await openForTest(context, 'graph')];
    for (const kernelCase of kernelCases) {
      const [expected, actual] = [await outputsOf(tfjs, [kernelCase]), await outputsOf(graph, [kernelCase])];
      compare(kernelCase.kernel, actual, expected);
    }
  },
);

test('so do all of them in one program compiled by XLA', { skip: withoutTensorFlow }, async (context) => {
  const [tfjs, xla] = [await openForTest(context, 'tfjs'), await openForTest(context, 'xla')];
  compare('XLA', await outputsOf(xla, kernelCases), await outputsOf(tfjs, kernelCases));
});

function compare(name: string, actual: Record<string, Float32Array>, expected: Record<string, Float32Array>): void {
  assert.deepEqual(Object.keys(actual), Object.keys(expected));
  for (const [key, values] of Object.entries(expected)) {
    const difference = relativeDifference(actual[key]!, values);
    assert.ok(
      difference < 2e-6,
      `${name}: ${key} differs by ${difference}\n${actual[key]!.slice(0, 12)}\n${values.slice(0, 12)}`,
    );
  }
}

/** Runs all cases as kernelCase program, whose outputs are named after them. */
async function outputsOf(engine: Engine, cases: KernelCase[]): Promise<Record<string, Float32Array>> {
  const inputs = Object.fromEntries(
    cases.flatMap((kernelCase, i) => Object.entries(kernelCase.inputs).map(([key, input]) => [`${key}_${i}`, input])),
  );
  const body: Body = (tensors) => {
    const outputs = cases.flatMap((kernelCase, i) => {
      const caseInputs = Object.fromEntries(
        Object.keys(kernelCase.inputs).map((key) => [key, tensors[`${key}_${i}`]!]),
      );
      return [kernelCase.body(caseInputs)]
        .flat()
        .map((tensor, index) => [`${kernelCase.kernel}_${i}_${index}`, tensor] as const);
    });
    return { outputs: Object.fromEntries(outputs) };
  };
  const program = engine.compile('cases', { inputs, variables: {} }, body);
  try {
    return await program.call(Object.fromEntries(Object.entries(inputs).map(([key, { values }]) => [key, values])));
  } finally {
    program.close();
  }
}
