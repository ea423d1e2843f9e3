import type { ModelConfig, Weights } from '../architecture.ts';
import { weightShapes } from './weight-shapes.ts';
import { normal, randomAt } from '../../random/random.ts';

/**
 * The weights of an untrained model, a pure function of config and seed. Each tensor has its own stream of random
 * numbers, numbered in the published order.
 *
 * Standard deviation: 0.02 for matrices and 0.01 for positions (OpenAI's model.py). Matrices that project to the
 * residual stream, two per layer, are divided by √(2·layers) ("scale the weights of residual layers at initialization
 * by 1/√N", GPT-2 paper, 2.3). Biases are 0, norms 1.
 */
export function initialWeights(config: ModelConfig, seed: number): Weights<Float32Array> {
  return Object.fromEntries(Object.keys(weightShapes(config)).map((name) => [name, initialWeight(config, seed, name)]));
}

/** One of the weights, so that not all of them need to be in memory. */
export function initialWeight(config: ModelConfig, seed: number, name: string): Float32Array {
  const shapes = weightShapes(config);
  return initialTensor(name, shapes[name]!, { layers: config.layers, seed, index: Object.keys(shapes).indexOf(name) });
}

function initialTensor(
  name: string,
  shape: number[],
  { layers, seed, index }: { layers: number; seed: number; index: number },
): Float32Array {
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  if (name.endsWith('.bias')) return values;
  if (shape.length === 1) return values.fill(1);
  const spread = name === 'wpe.weight' ? 0.01 : name.endsWith('.c_proj.weight') ? 0.02 / Math.sqrt(2 * layers) : 0.02;
  const random = randomAt(seed, 0, 'weights', index);
  for (let i = 0; i < values.length; i++) values[i] = spread * normal(random);
  return values;
}
