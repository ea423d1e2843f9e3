import { test } from 'node:test';
import { openTfjsEngine } from '../../src/engine/tfjs-engine.ts';
import { updateScalars } from '../../src/lm/adamw.ts';
import { weightShapes } from '../../src/lm/gpt2.ts';
import { initialWeights } from '../../src/lm/initial-weights.ts';
import { lossAndGradients } from '../../src/lm/gradients.ts';
import { trainingInputs, trainingStep } from '../../src/lm/training-step.ts';
import { assertClose, prefixed, variablesIn } from './kit.ts';

const config = { vocabularySize: 17, context: 6, layers: 1, heads: 2, width: 8 };
const optimizer = { beta1: 0.8, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.3, clip: 0.5 };

test('a step is: gradients at the old weights, shortened together, then AdamW with its own moments, all written out by hand', async () => {
  const engine = await openTfjsEngine();
  const shapes = weightShapes(config);
  const start = Object.fromEntries(Object.entries(initialWeights(config, 2)).map(([name, values]) => [name, name.includes('ln_') ? values : values.map((x) => 9 * x)]));
  const zeros = Object.fromEntries(Object.entries(start).map(([name, values]) => [name, new Float32Array(values.length)]));
  const variables = variablesIn(engine, { ...prefixed('weights', shapes), ...prefixed('m', shapes), ...prefixed('v', shapes) }, { ...prefixed('weights', start), ...prefixed('m', zeros), ...prefixed('v', zeros) });
  const step = engine.compile('step', { inputs: trainingInputs(2, 6), variables }, trainingStep(config, optimizer));
  const { tokens, labels } = trainingInputs(2, 6);
  const weights = Object.fromEntries(Object.keys(shapes).map((name) => [name, variables[`weights/${name}`]!]));
  const gradientsOf = engine.compile('gradients', { inputs: { tokens, labels }, variables: weights }, (inputs, given) => {
    const { loss, gradients } = lossAndGradients(config, given, inputs['tokens']!, inputs['labels']!);
    return { outputs: { loss, ...gradients } };
  });

  const hand = { w: doubles(start), m: doubles(zeros), v: doubles(zeros) };
  for (let done = 0; done < 3; done++) {
    const rate = 0.01 * (done + 1);
    const batch = { tokens: Int32Array.from({ length: 12 }, (_, i) => (i * 5 + done) % 17), labels: Int32Array.from({ length: 12 }, (_, i) => (i * 3 + done) % 17) };
    const { loss, ...gradients } = await gradientsOf.call(batch);
    const norm = Math.sqrt(Object.values(gradients).reduce((sum, values) => sum + values.reduce((inner, value) => inner + value * value, 0), 0));
    const scalars = Object.fromEntries(Object.entries(updateScalars(optimizer, rate, done)).map(([name, value]) => [name, Float32Array.of(value)]));
    const found = await step.call({ ...batch, ...scalars });
    assertClose(found['loss']!, loss!, 1e-6, 'loss');
    assertClose(found['gradientNorm']!, [norm], 1e-5, 'norm');
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

function doubles(values: Record<string, Float32Array>): Record<string, number[]> {
  return Object.fromEntries(Object.entries(values).map(([name, array]) => [name, [...array]]));
}
