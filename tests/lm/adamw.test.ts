import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { projectRoot } from '../../src/artifacts/project-root.ts';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import { openTfjsEngine } from '../../src/engine/tfjs-engine.ts';
import { adamw, updateScalars, type AdamW } from '../../src/lm/adamw.ts';
import { assertClose } from './kit.ts';

type Pair = { matrix: number[]; vector: number[] };
interface Golden {
  options: AdamW;
  start: Pair;
  steps: { rate: number; gradients: Pair; norm: number; weights: Pair }[];
}
const golden = JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden/adamw.json'), 'utf8')) as Golden;
const SHAPES = { matrix: [2, 3], vector: [4] };
const SCALAR = { shape: [], dtype: 'float32' as const };

function optimizerOf(engine: Engine, optimizer: AdamW, start: Pair) {
  const variable = (part: string, name: keyof Pair, values: number[]): Variable => engine.variable(`${part}/${name}`, SHAPES[name], Float32Array.from(values));
  const variables: Record<string, Variable> = {};
  for (const name of ['matrix', 'vector'] as const) {
    variables[`weights/${name}`] = variable('weights', name, start[name]);
    for (const part of ['m', 'v']) variables[`${part}/${name}`] = variable(part, name, start[name].map(() => 0));
  }
  const inputs = { matrix: { shape: SHAPES.matrix, dtype: 'float32' as const }, vector: { shape: SHAPES.vector, dtype: 'float32' as const }, rate: SCALAR, stepSize: SCALAR, spread: SCALAR };
  const program = engine.compile('adamw', { inputs, variables }, ({ matrix, vector, ...scalars }, values) => {
    const pair = (part: string) => ({ matrix: values[`${part}/matrix`]!, vector: values[`${part}/vector`]! });
    const { gradientNorm, ...next } = adamw({ weights: pair('weights'), m: pair('m'), v: pair('v') }, { matrix: matrix!, vector: vector! }, {
      optimizer,
      scalars: { rate: scalars['rate']!, stepSize: scalars['stepSize']!, spread: scalars['spread']! },
    });
    const assign = Object.fromEntries(Object.entries(next).flatMap(([part, pair]) => Object.entries(pair).map(([name, value]) => [`${part}/${name}`, value])));
    return { outputs: { gradientNorm }, assign };
  });
  return {
    update: async (rate: number, step: number, gradients: Pair): Promise<number> => {
      const scalars = Object.fromEntries(Object.entries(updateScalars(optimizer, rate, step)).map(([name, value]) => [name, Float32Array.of(value)]));
      const result = await program.call({ matrix: Float32Array.from(gradients.matrix), vector: Float32Array.from(gradients.vector), ...scalars });
      return result['gradientNorm']![0]!;
    },
    weight: (name: keyof Pair) => engine.read(variables[`weights/${name}`]!),
  };
}

test('five updates, some of them clipped, give the weights of torch.optim.AdamW with clip_grad_norm_', async () => {
  const engine = await openTfjsEngine();
  const { update, weight } = optimizerOf(engine, golden.options, golden.start);
  for (const [step, { rate, gradients, norm, weights }] of golden.steps.entries()) {
    assertClose([await update(rate, step, gradients)], [norm], 1e-6, `norm of step ${step}`);
    for (const name of ['matrix', 'vector'] as const) assertClose(await weight(name), weights[name], 1e-5, `${name} after step ${step}`);
  }
  engine.close();
});

test('without a gradient, matrices shrink by rate times decay, vectors stay, and nothing becomes NaN', async () => {
  const engine = await openTfjsEngine();
  const start = { matrix: [1, 2, 3, 4, 5, 6], vector: [1, 2, 3, 4] };
  const { update, weight } = optimizerOf(engine, { ...golden.options, weightDecay: 0.5 }, start);
  await update(0.1, 0, { matrix: start.matrix.map(() => 0), vector: start.vector.map(() => 0) });
  assertClose(await weight('matrix'), start.matrix.map((value) => value * 0.95), 1e-6, 'matrix');
  assert.deepEqual([...(await weight('vector'))], start.vector);
  engine.close();
});

test('bias correction depends on the step alone: the first update moves by the rate, whatever the gradient', () => {
  assert.deepEqual(updateScalars({ ...golden.options, beta1: 0.5, beta2: 0.75 }, 2, 0), { rate: 2, stepSize: 4, spread: 4 });
  assert.equal(updateScalars(golden.options, 1, 730).stepSize, 1 / (1 - 0.9 ** 731));
});
