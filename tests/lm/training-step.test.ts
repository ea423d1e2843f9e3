import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { lossAndGradients } from '../../src/lm/training/gradients.ts';
import { NO_LIMIT } from '../../src/lm/training/guards.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { updateScalars, type Optimizer } from '../../src/lm/optimizer/optimizer.ts';
import {
  accumulateInputs,
  accumulateStep,
  lossInput,
  stateShapes,
  sumShapes,
  trainingInputs,
  trainingStep,
  updateInputs,
  updateStep,
} from '../../src/lm/training/training-step.ts';
import { assertClose, prefixed, variablesIn } from './kit.ts';

const config = { vocabularySize: 17, context: 6, layers: 2, heads: 2, width: 8 };
const optimizer = { kind: 'adamw', beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.3, clip: 0.5 } as const;
const shapes = weightShapes(config);
// Weights far from their initial values, so that gradients vary as in a trained model.
const start = Object.fromEntries(
  Object.entries(initialWeights(config, 2)).map(([name, values]) => [
    name,
    name.includes('ln_') ? values : values.map((x) => 9 * x),
  ]),
);
const limits = { lossLimit: NO_LIMIT, normLimit: NO_LIMIT };

function zeros(shapes: Record<string, number[]>): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b, 1))]),
  );
}

function stateOf(engine: Engine, of: { optimizer: Optimizer; frozen?: string[] }): Record<string, Variable> {
  const state = stateShapes(of, shapes);
  return variablesIn(engine, state, { ...zeros(state), ...prefixed('weights', start) });
}

function ids(rows: number, factor: number, add: number): Int32Array {
  return Int32Array.from({ length: rows * 6 }, (_, i) => (i * factor + add) % 17);
}

function scalars(values: Record<string, number>): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Float32Array.of(value)]));
}

async function valuesOf(engine: Engine, variables: Record<string, Variable>): Promise<Record<string, Float32Array>> {
  return Object.fromEntries(
    await Promise.all(
      Object.entries(variables).map(async ([name, variable]) => [name, await engine.read(variable)] as const),
    ),
  );
}

test('a step matches a computation by hand: gradients, clipped together, then AdamW', async () => {
  const engine = await openTfjsEngine();
  const variables = stateOf(engine, { optimizer });
  const step = engine.compile(
    'step',
    { inputs: { ...trainingInputs(2, 6), ...updateInputs(optimizer) }, variables },
    trainingStep({ model: modelOf(config), optimizer }),
  );
  const weights = Object.fromEntries(Object.keys(shapes).map((name) => [name, variables[`weights/${name}`]!]));
  const gradientsOf = engine.compile(
    'gradients',
    { inputs: trainingInputs(2, 6), variables: weights },
    (inputs, given) => {
      const { loss, gradients } = lossAndGradients(modelOf(config), given, {
        tokens_BT: inputs['tokens']!,
        labels_BT: inputs['labels']!,
      });
      return { outputs: { loss, ...gradients } };
    },
  );

  const hand = { w: doubles(start), m: doubles(zeros(shapes)), v: doubles(zeros(shapes)) };
  for (let done = 0; done < 3; done++) {
    const rate = 0.01 * (done + 1);
    const batch = { tokens: ids(2, 5, done), labels: ids(2, 3, done) };
    const { loss, ...gradients } = await gradientsOf.call(batch);
    const norm = Math.sqrt(
      Object.values(gradients).reduce(
        (sum, values) => sum + values.reduce((inner, value) => inner + value * value, 0),
        0,
      ),
    );
    const found = await step.call({ ...batch, ...scalars({ ...updateScalars(optimizer, rate, done), ...limits }) });
    assertClose(found['loss']!, loss!, 1e-6, 'loss');
    assertClose(found['gradientNorm']!, [norm], 1e-5, 'norm');
    assert.deepEqual([...found['applied']!], [1]);
    for (const [name, gradient] of Object.entries(gradients)) {
      const decay = shapes[name]!.length > 1 ? optimizer.weightDecay : 0;
      gradient.forEach((value, i) => {
        const g = value * Math.min(1, optimizer.clip / norm);
        const m = (hand.m[name]![i] = 0.8 * hand.m[name]![i]! + 0.2 * g);
        const v = (hand.v[name]![i] = 0.9 * hand.v[name]![i]! + 0.1 * g * g);
        const change = m / (1 - 0.8 ** (done + 1)) / (Math.sqrt(v / (1 - 0.9 ** (done + 1))) + 1e-3);
        hand.w[name]![i] = hand.w[name]![i]! * (1 - rate * decay) - rate * change;
      });
      assertClose(await engine.read(variables[`weights/${name}`]!), hand.w[name]!, 1e-4, `${name} after ${done + 1}`);
      assertClose(await engine.read(variables[`m/${name}`]!), hand.m[name]!, 1e-3, `m of ${name} after ${done + 1}`);
      assertClose(await engine.read(variables[`v/${name}`]!), hand.v[name]!, 1e-3, `v of ${name} after ${done + 1}`);
    }
  }
  engine.close();
});

const kinds: Optimizer[] = [
  optimizer,
  { kind: 'sgd', momentum: 0.9, nesterov: false, weightDecay: 0.1, clip: 0.5 },
  { kind: 'adafactor', decayPower: 0.8, updateClip: 1, scaleByWeight: false, weightDecay: 0.1, clip: 0.5 },
];
for (const kind of kinds)
  test(`with ${kind.kind}, three accumulated batches of two have the effect of one batch of six`, async () => {
    const engine = await openTfjsEngine();
    const [whole, parts] = [stateOf(engine, { optimizer: kind }), stateOf(engine, { optimizer: kind })];
    const sumsOf = sumShapes({}, shapes);
    const sums = variablesIn(engine, sumsOf, zeros(sumsOf));
    const atOnce = engine.compile(
      'step',
      { inputs: { ...trainingInputs(6, 6), ...updateInputs(kind) }, variables: whole },
      trainingStep({ model: modelOf(config), optimizer: kind }),
    );
    const add = engine.compile(
      'gradients',
      { inputs: { ...trainingInputs(2, 6), ...accumulateInputs }, variables: { ...parts, ...sums } },
      accumulateStep({ model: modelOf(config), optimizer: kind }),
    );
    const update = engine.compile(
      'update',
      { inputs: { ...updateInputs(kind), ...lossInput }, variables: { ...parts, ...sums } },
      updateStep({ model: modelOf(config), optimizer: kind }),
    );
    for (let done = 0; done < 3; done++) {
      const batch = { tokens: ids(6, 5, done), labels: ids(6, 3, done) };
      const numbers = { ...updateScalars(kind, 0.01, done), ...limits };
      const expected = await atOnce.call({ ...batch, ...scalars(numbers) });
      let loss = 0;
      for (let row = 0; row < 6; row += 2) {
        const rows = {
          tokens: batch.tokens.subarray(row * 6, row * 6 + 12),
          labels: batch.labels.subarray(row * 6, row * 6 + 12),
        };
        loss += (await add.call({ ...rows, ...scalars({ share: 1 / 3 }) }))['loss']![0]! / 3;
      }
      const found = await update.call(scalars({ loss, ...numbers }));
      for (const name of ['loss', 'gradientNorm'])
        assertClose(found[name]!, expected[name]!, 1e-5, `${name} of step ${done}`);
    }
    const [found, expected] = [await valuesOf(engine, parts), await valuesOf(engine, whole)];
    // The gradient of the keys' biases is only rounding noise, which every optimizer but SGD amplifies.
    for (const [name, values] of Object.entries(expected))
      if (!name.includes('c_attn.bias')) assertClose(found[name]!, values, 1e-3, name);
    for (const values of Object.values(await valuesOf(engine, sums)))
      assert.ok(
        values.every((value) => value === 0),
        'sums are reset to zero',
      );
    engine.close();
  });

test('frozen weights have no memory and do not change, the others do, and the norm covers only those', async () => {
  const engine = await openTfjsEngine();
  const frozen = Object.keys(shapes).filter((name) => name.startsWith('h.0.') || name === 'wte.weight');
  const variables = stateOf(engine, { optimizer, frozen });
  assert.deepEqual(
    Object.keys(variables).filter((name) => name.startsWith('m/')),
    Object.keys(shapes)
      .filter((name) => !frozen.includes(name))
      .map((name) => `m/${name}`),
  );
  const inputs = { ...trainingInputs(2, 6), ...updateInputs(optimizer) };
  const batch = {
    tokens: ids(2, 5, 0),
    labels: ids(2, 3, 0),
    ...scalars({ ...updateScalars(optimizer, 0.01, 0), ...limits }),
  };
  const step = engine.compile(
    'step',
    { inputs, variables },
    trainingStep({ model: modelOf(config), optimizer, frozen }),
  );
  const found = await step.call(batch);
  const all = await engine
    .compile(
      'whole',
      { inputs, variables: stateOf(engine, { optimizer }) },
      trainingStep({ model: modelOf(config), optimizer }),
    )
    .call(batch);
  assertClose(found['loss']!, all['loss']!, 1e-6, 'loss');
  assert.ok(found['gradientNorm']![0]! < 0.9 * all['gradientNorm']![0]!);
  for (const [name, values] of Object.entries(await valuesOf(engine, variables))) {
    if (!name.startsWith('weights/')) continue;
    const own = name.slice('weights/'.length);
    assert.equal(
      values.every((value, i) => value === start[own]![i]),
      frozen.includes(own),
      own,
    );
  }
  engine.close();
});

test('a step whose loss or gradient is above its limit or NaN changes nothing', async () => {
  const engine = await openTfjsEngine();
  const variables = stateOf(engine, { optimizer });
  const step = engine.compile(
    'step',
    { inputs: { ...trainingInputs(2, 6), ...updateInputs(optimizer) }, variables },
    trainingStep({ model: modelOf(config), optimizer }),
  );
  const batch = { tokens: ids(2, 5, 0), labels: ids(2, 3, 0) };
  const call = (given: object) =>
    step.call({ ...batch, ...scalars({ ...updateScalars(optimizer, 0.01, 0), ...limits, ...given }) });
  await call({});
  const before = await valuesOf(engine, variables);
  const { loss, gradientNorm } = await call({ lossLimit: 0.001 });
  assert.ok(loss![0]! > 0.001);
  for (const given of [{ lossLimit: 0.001 }, { normLimit: gradientNorm![0]! * 0.99 }]) {
    assert.deepEqual([...(await call(given))['applied']!], [0]);
    assert.deepEqual(await valuesOf(engine, variables), before);
  }
  const bias = variables['weights/ln_f.bias']!;
  engine.write(bias, new Float32Array(8).fill(Infinity));
  const broken = await valuesOf(engine, variables);
  const result = await call({});
  assert.ok(!Number.isFinite(result['loss']![0]!), `loss ${result['loss']![0]}`);
  assert.deepEqual([...result['applied']!], [0]);
  assert.deepEqual(await valuesOf(engine, variables), broken);
  engine.write(bias, before['weights/ln_f.bias']!);
  assert.deepEqual([...(await call({ normLimit: gradientNorm![0]! * 1.01 }))['applied']!], [1]);
  engine.close();
});

function doubles(values: Record<string, Float32Array>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(values).map(([name, array]) => [name, [...array]]));
}
