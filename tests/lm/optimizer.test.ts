import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { projectRoot } from '../../src/files/project-root.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { engineChoice, openEngine } from '../../src/engine/open-engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { NO_LIMIT } from '../../src/lm/training/guards.ts';
import { optimizerState, optimizerStep, updateScalars, type Optimizer } from '../../src/lm/optimizer/optimizer.ts';
import { updateInputs } from '../../src/lm/training/training-step.ts';
import { assertClose, prefixed, variablesIn } from './kit.ts';

type Values = Record<string, number[]>;
interface Step {
  rate: number;
  norm: number;
  gradients: Values;
  weights: Values;
}
interface Case {
  name: string;
  options: Optimizer;
  shapes: Record<string, number[]>;
  start: Values;
  steps: Step[];
}

const cases = goldenCases();

for (const name of ['tfjs', 'tensorflow'] as const) {
  const skip = name === 'tensorflow' && !findTensorFlow() ? "TensorFlow's library is not installed" : false;
  test(
    `on ${name}, updates, some of them clipped, match PyTorch's optimizers and transformers' Adafactor`,
    { skip },
    async () => {
      const engine = await openEngine(engineChoice(name));
      for (const { name: what, options, shapes, start, steps } of cases) {
        const { update, weight } = optimizerIn(engine, options, shapes, start);
        for (const [step, { rate, gradients, norm, weights }] of steps.entries()) {
          assertClose([await update(rate, step, gradients)], [norm], 1e-6, `${what}: norm of step ${step}`);
          for (const key of Object.keys(shapes))
            assertClose(await weight(key), weights[key]!, 2e-5, `${what}: ${key} after step ${step}`);
        }
      }
      engine.close();
    },
  );
}

test('each kind stores the expected parts and shapes for each weight', () => {
  const shapes = { matrix: [2, 3], vector: [4] };
  const common = { clip: 1, weightDecay: 0 };
  const kinds: [Optimizer, Record<string, number[]>][] = [
    [
      { kind: 'adamw', beta1: 0.9, beta2: 0.9, epsilon: 1e-8, ...common },
      { 'm/matrix': [2, 3], 'm/vector': [4], 'v/matrix': [2, 3], 'v/vector': [4] },
    ],
    [
      { kind: 'adam', beta1: 0.9, beta2: 0.9, epsilon: 1e-8, clip: 1 },
      { 'm/matrix': [2, 3], 'm/vector': [4], 'v/matrix': [2, 3], 'v/vector': [4] },
    ],
    [
      { kind: 'sgd', momentum: 0.9, nesterov: false, ...common },
      { 'velocity/matrix': [2, 3], 'velocity/vector': [4] },
    ],
    [{ kind: 'sgd', momentum: 0, nesterov: false, ...common }, {}],
    [
      { kind: 'adafactor', decayPower: 0.8, updateClip: 1, scaleByWeight: false, ...common },
      { 'row/matrix': [2], 'column/matrix': [3], 'v/vector': [4] },
    ],
  ];
  for (const [optimizer, expected] of kinds)
    assert.deepEqual(optimizerState(optimizer, shapes), expected, optimizer.kind);
});

test('with a zero gradient, matrices shrink by rate times decay, vectors do not change, and nothing becomes NaN', async () => {
  const engine = await openEngine(engineChoice('tfjs'));
  const shapes = { matrix: [2, 3], vector: [4] };
  const start = { matrix: [1, 2, 3, 4, 5, 6], vector: [1, 2, 3, 4] };
  const kinds: Optimizer[] = [
    { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.5, clip: 1 },
    { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.5 / 1.9, clip: 1 },
    { kind: 'adafactor', decayPower: 0.8, updateClip: 1, scaleByWeight: true, weightDecay: 0.5, clip: 1 },
  ];
  for (const optimizer of kinds) {
    const { update, weight } = optimizerIn(engine, optimizer, shapes, start);
    await update(0.1, 0, { matrix: start.matrix.map(() => 0), vector: start.vector.map(() => 0) });
    assertClose(
      await weight('matrix'),
      start.matrix.map((value) => value * 0.95),
      1e-6,
      optimizer.kind,
    );
    assert.deepEqual([...(await weight('vector'))], start.vector, optimizer.kind);
  }
  engine.close();
});

test('scalars depend only on the rate and the number of updates', () => {
  const adamw = { kind: 'adamw', beta1: 0.5, beta2: 0.75, epsilon: 1e-8, weightDecay: 0, clip: 1 } as const;
  assert.deepEqual(updateScalars(adamw, 2, 0), { rate: 2, stepSize: 4, squareCorrection: 4 });
  assert.equal(updateScalars({ ...adamw, beta1: 0.9 }, 1, 730)['stepSize'], 1 / (1 - 0.9 ** 731));
  const adafactor = {
    kind: 'adafactor',
    decayPower: 0.5,
    updateClip: 1,
    scaleByWeight: false,
    weightDecay: 0,
    clip: 1,
  } as const;
  assert.deepEqual(updateScalars(adafactor, 3, 0), { rate: 3, newShare: 1 });
  assert.deepEqual(updateScalars(adafactor, 3, 3), { rate: 3, newShare: 0.5 });
});

test('the scalars of each kind have the declared names', () => {
  for (const { options } of cases)
    assert.deepEqual(
      Object.keys(updateInputs(options)),
      [...Object.keys(updateScalars(options, 0.1, 3)), 'lossLimit', 'normLimit'],
      options.kind,
    );
  assert.deepEqual([...new Set(cases.map(({ options }) => options.kind))].sort(), [
    'adafactor',
    'adam',
    'adamw',
    'sgd',
  ]);
});

test('Adafactor stores only a row and a column of a large matrix', () => {
  const shapes = optimizerState(
    { kind: 'adafactor', decayPower: 0.8, updateClip: 1, scaleByWeight: false, weightDecay: 0, clip: 1 },
    { 'wte.weight': [50257, 1024] },
  );
  const numbers = Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  assert.equal(numbers, 50257 + 1024);
});

function optimizerIn(engine: Engine, optimizer: Optimizer, shapes: Record<string, number[]>, start: Values) {
  const memory = optimizerState(optimizer, shapes);
  const zeros = Object.fromEntries(
    Object.entries(memory).map(([name, shape]) => [name, new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0)]),
  );
  const variables = variablesIn(
    engine,
    { ...prefixed('weights', shapes), ...memory },
    { ...prefixed('weights', start), ...zeros },
  );
  const inputs = {
    ...updateInputs(optimizer),
    ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }])),
  };
  const program = engine.compile('update', { inputs, variables }, (given, values) => {
    const names = Object.keys(shapes);
    const weights = Object.fromEntries(names.map((name) => [name, values[`weights/${name}`]!]));
    const gradients = Object.fromEntries(names.map((name) => [name, given[name]!]));
    const { gradientNorm, ...next } = optimizerStep(optimizer, {
      loss: given['lossLimit']!,
      weights,
      gradients,
      state: values,
      scalars: given,
    });
    return { outputs: { gradientNorm }, assign: { ...prefixed('weights', next.weights), ...next.state } };
  });
  return {
    update: async (rate: number, updates: number, gradients: Values): Promise<number> => {
      const scalars = { ...updateScalars(optimizer, rate, updates), lossLimit: NO_LIMIT, normLimit: NO_LIMIT };
      const given = {
        ...Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, [value]])),
        ...gradients,
      };
      const result = await program.call(
        Object.fromEntries(Object.entries(given).map(([name, values]) => [name, Float32Array.from(values)])),
      );
      return result['gradientNorm']![0]!;
    },
    weight: (name: string) => engine.read(variables[`weights/${name}`]!),
  };
}

function goldenCases(): Case[] {
  const read = (name: string): unknown =>
    JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden', name), 'utf8'));
  const adamw = read('adamw.json') as { options: object; start: Values; steps: Step[] };
  const others = read('optimizers.json') as {
    shapes: Case['shapes'];
    start: Values;
    gradients: Values[];
    cases: { name: string; options: Optimizer; steps: Omit<Step, 'gradients'>[] }[];
  };
  return [
    {
      name: 'adamw',
      options: { kind: 'adamw', ...adamw.options } as Optimizer,
      shapes: { matrix: [2, 3], vector: [4] },
      start: adamw.start,
      steps: adamw.steps,
    },
    ...others.cases.map(({ name, options, steps }) => ({
      name,
      options,
      shapes: others.shapes,
      start: others.start,
      steps: steps.map((step, index) => ({ ...step, gradients: others.gradients[index]! })),
    })),
  ];
}
