import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Precision } from './precision.ts';

/**
 * Computes `f(...xs, ...constants)`, marked as one op: an engine that runs a graph op by op compiles it into a single
 * pass over memory. The backward pass computes `f` again within the gradient op, so no intermediate values are kept;
 * `constants` get no gradient. `name` identifies `f` and everything it closes over: calls with the same name and shapes
 * are compiled once.
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

/** `fused`, but not for float32: XLA compiles a float32 program as a whole and fuses ops by itself. */
export function onePass(
  precision: Precision,
  name: string,
  xs: Tensor[],
  f: (...xs: Tensor[]) => Tensor,
  constants: Tensor[] = [],
): Tensor {
  return precision === 'fp32' ? f(...xs, ...constants) : fused(name, xs, f, constants);
}

/** Like `fused`, for several results and without gradients. */
export function fusedAll(name: string, xs: Tensor[], f: (...xs: Tensor[]) => Tensor[]): Tensor[] {
  const body = { name, run: f } as unknown as tf.Attribute;
  return ([] as Tensor[]).concat(
    tf.engine().runKernel<Tensor | Tensor[]>('Fused', xs as unknown as tf.NamedTensorMap, { body }),
  );
}
