import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { projectRoot } from '../../src/files/project-root.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { engineChoice, openEngine } from '../../src/engine/open-engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { cacheShapes, tokenInputs, tokenStep } from '../../src/lm/generation/kv-cache.ts';
import { lossAndGradients } from '../../src/lm/training/gradients.ts';
import { limitsOf, NO_SKIPS } from '../../src/lm/training/guards.ts';
import { updateScalars, type Optimizer } from '../../src/lm/optimizer/optimizer.ts';
import {
  lossStep,
  stateShapes,
  trainingInputs,
  trainingStep,
  updateInputs,
} from '../../src/lm/training/training-step.ts';
import { assertClose, prefixed, variablesIn } from './kit.ts';

const skip = findTensorFlow() ? false : "TensorFlow's library is not installed";
const config = { vocabularySize: 37, context: 9, layers: 2, heads: 2, width: 16 };
const batch: [number, number] = [3, 9];
const ids = (add: number): Int32Array => Int32Array.from({ length: 27 }, (_, i) => (i * 11 + add) % 37);
// Weights far from their initial values, so that gradients vary as in a trained model.
const values = Object.fromEntries(
  Object.entries(initialWeights(config, 1)).map(([name, value]) => [
    name,
    name.includes('ln_') ? value : value.map((x) => 8 * x),
  ]),
);

async function onBoth<T>(compute: (engine: Engine) => Promise<T>): Promise<{ tensorflow: T; tfjs: T }> {
  const results: Partial<Record<'tensorflow' | 'tfjs', T>> = {};
  for (const name of ['tensorflow', 'tfjs'] as const) {
    const engine = await openEngine(engineChoice(name));
    results[name] = await compute(engine);
    engine.close();
  }
  return results as { tensorflow: T; tfjs: T };
}

test('TensorFlow and plain tfjs agree on the loss and on every gradient', { skip }, async () => {
  const { tensorflow, tfjs } = await onBoth((engine) => {
    const variables = variablesIn(engine, weightShapes(config), values);
    const inputs = {
      tokens: { shape: batch, dtype: 'int32' as const },
      labels: { shape: batch, dtype: 'int32' as const },
    };
    const program = engine.compile('gradients', { inputs, variables }, (given, weights) => {
      const { loss, gradients } = lossAndGradients(modelOf(config), weights, {
        tokens_BT: given['tokens']!,
        labels_BT: given['labels']!,
      });
      return {
        outputs: {
          loss,
          ...Object.fromEntries(
            Object.entries(gradients).map(([name, value], i) => [`gradient_${i}_${name.replace(/\W/g, '_')}`, value]),
          ),
        },
      };
    });
    return program.call({ tokens: ids(0), labels: ids(5) });
  });
  assert.equal(Object.keys(tensorflow).length, 1 + Object.keys(weightShapes(config)).length);
  for (const name of Object.keys(tfjs)) assertClose(tensorflow[name]!, tfjs[name]!, 1e-4, name);
});

// The gradient of the keys' biases is only rounding noise, which a small epsilon would amplify to whole steps that differ
// between engines.
const adamw: Optimizer = { kind: 'adamw', beta1: 0.9, beta2: 0.95, epsilon: 1e-4, weightDecay: 0.1, clip: 1 };
const sgd: Optimizer = { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1, clip: 1 };
for (const optimizer of [adamw, sgd])
  test(
    `four training steps with ${optimizer.kind} leave both engines with the same weights, memory and losses`,
    { skip },
    async () => {
      const { tensorflow, tfjs } = await onBoth(async (engine) => {
        const shapes = stateShapes({ optimizer }, weightShapes(config));
        const zeros = Object.fromEntries(
          Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b))]),
        );
        const variables = variablesIn(engine, shapes, { ...zeros, ...prefixed('weights', values) });
        const batchInputs = trainingInputs(3, 9);
        const step = engine.compile(
          'step',
          { inputs: { ...batchInputs, ...updateInputs(optimizer) }, variables },
          trainingStep({ model: modelOf(config), optimizer }),
        );
        const held = engine.compile(
          'held',
          {
            inputs: batchInputs,
            variables: Object.fromEntries(Object.entries(variables).filter(([name]) => name.startsWith('weights/'))),
          },
          lossStep(modelOf(config)),
        );
        const limits = limitsOf({ stopAfter: 3, skipOutliers: 0 }, NO_SKIPS);
        const found: Record<string, Float32Array> = {};
        for (let done = 0; done < 4; done++) {
          const scalars = Object.fromEntries(
            Object.entries({ ...updateScalars(optimizer, 1e-3, done), ...limits }).map(([name, value]) => [
              name,
              Float32Array.of(value),
            ]),
          );
          const outputs = await step.call({ tokens: ids(done), labels: ids(done + 5), ...scalars });
          for (const [name, value] of Object.entries(outputs)) found[`${name} of step ${done}`] = value;
        }
        found['losses after'] = (await held.call({ tokens: ids(1), labels: ids(2) }))['losses']!;
        for (const [name, variable] of Object.entries(variables)) found[name] = await engine.read(variable);
        return found;
      });
      for (const name of Object.keys(tfjs)) assertClose(tensorflow[name]!, tfjs[name]!, 1e-3, name);
      assert.ok(tensorflow['loss of step 0']![0]! > 0);
    },
  );

test('both engines give the same logits when reading through the cache', { skip }, async () => {
  const { tensorflow, tfjs } = await onBoth(async (engine) => {
    const shapes = cacheShapes(modelOf(config), 3, 9);
    const cache = Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b))]),
    );
    const variables = { ...variablesIn(engine, weightShapes(config), values), ...variablesIn(engine, shapes, cache) };
    const program = engine.compile('cached', { inputs: tokenInputs(3), variables }, tokenStep(modelOf(config)));
    const rows: Float32Array[] = [];
    for (let position = 0; position < 9; position++) {
      const tokens = Int32Array.from([0, 1, 2], (row) => ids(0)[row * 9 + position]!);
      rows.push((await program.call({ tokens, positions: new Int32Array(3).fill(position) }))['logits']!);
    }
    return rows;
  });
  tfjs.forEach((row, position) => assertClose(tensorflow[position]!, row, 1e-4, `position ${position}`));
});

test("the golden model on TensorFlow has PyTorch's loss", { skip }, async () => {
  const golden = JSON.parse(readFileSync(join(projectRoot(), 'tests/lm/golden/tiny-gpt2.json'), 'utf8')) as {
    config: typeof config;
    batch: [number, number];
    tokens: number[];
    labels: number[];
    weights: Record<string, number[]>;
    loss: number;
    gradients: Record<string, number[]>;
  };
  const engine = await openEngine(engineChoice('tensorflow'));
  const inputs = {
    tokens: { shape: golden.batch, dtype: 'int32' as const },
    labels: { shape: golden.batch, dtype: 'int32' as const },
  };
  const names = Object.keys(golden.gradients);
  const program = engine.compile(
    'golden',
    { inputs, variables: variablesIn(engine, weightShapes(golden.config), golden.weights) },
    (given, weights) => {
      const { loss, gradients } = lossAndGradients(modelOf(golden.config), weights, {
        tokens_BT: given['tokens']!,
        labels_BT: given['labels']!,
      });
      return { outputs: { loss, ...Object.fromEntries(names.map((name, i) => [`gradient_${i}`, gradients[name]!])) } };
    },
  );
  const found = await program.call({ tokens: Int32Array.from(golden.tokens), labels: Int32Array.from(golden.labels) });
  engine.close();
  assertClose(found['loss']!, [golden.loss], 1e-5, 'loss');
  names.forEach((name, i) => assertClose(found[`gradient_${i}`]!, golden.gradients[name]!, 1e-4, name));
});
