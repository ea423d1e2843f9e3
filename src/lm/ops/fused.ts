import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Precision } from './precision.ts';

/**
 * The same ops as `f(...xs, ...constants)`, marked as one: an engine that runs a graph op by op compiles them into a
 * single pass over memory. On the way back `f` is computed again inside the gradient's own pass, so nothing in between
 * is kept; `constants` get no gradient. `name` stands for `f` and all it closes over: two with one name and the same
 * shapes are compiled once.
 */
export function fused(name: string, xs: Tensor[], f: (...xs: Tensor[]) => Tensor, constants: Tensor[] = []): Tensor {
  const op = tf.customGrad((...given: unknown[]) => {
    const values = given.slice(0, -1) as Tensor[];
    (given.at(-1) as (tensors: Tensor[]) => void)([...values, ...constants]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] =>
      fusedAll(`${name}_gradient`, [dy, ...saved], (outer, ...all) => {
        const fixed = all.slice(xs.length);
        return tf.grads((...inner: Tensor[]) => f(...inner, ...fixed))(all.slice(0, xs.length), outer);
      });
    return { value: fusedAll(name, [...values, ...constants], (...all) => [f(...all)])[0]!, gradFunc };
  });
  return op(...xs);
}

/** `fused` where that pays: XLA, which compiles a float32 program as a whole, fuses by itself. */
export function onePass(
  precision: Precision,
  name: string,
  xs: Tensor[],
  f: (...xs: Tensor[]) => Tensor,
  constants: Tensor[] = [],
): Tensor {
  return precision === 'fp32' ? f(...xs, ...constants) : fused(name, xs, f, constants);
}

/** The same for several results and without gradients. */
export function fusedAll(name: string, xs: Tensor[], f: (...xs: Tensor[]) => Tensor[]): Tensor[] {
  const body = { name, run: f } as unknown as tf.Attribute;
  return ([] as Tensor[]).concat(
    tf.engine().runKernel<Tensor | Tensor[]>('Fused', xs as unknown as tf.NamedTensorMap, { body }),
  );
}
