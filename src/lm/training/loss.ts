import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { barrier } from '../ops/barrier.ts';
import { fusedAll } from '../ops/fused.ts';
import { lowered, type Precision, raised } from '../ops/precision.ts';

/**
 * The loss at each target, in nats: logits [N, V] and token ids [N] to losses [N]. The engines' kernel computes loss
 * and gradient in one pass, without the [N, V] one-hot tensor of tfjs's own cross entropy.
 */
export function targetLosses(logits_NV: Tensor, labels_N: Tensor): Tensor {
  const losses = tf.customGrad((...inputs: unknown[]) => {
    const [logits, save] = inputs as [Tensor, (tensors: Tensor[]) => void];
    const [losses_N, backprop_NV] = tf
      .engine()
      .runKernel<Tensor[]>('SparseSoftmaxCrossEntropy', { logits, labels: labels_N });
    save([backprop_NV!]);
    const gradFunc = (dy_N: Tensor, saved: Tensor[]): Tensor => tf.mul(saved[0]!, tf.expandDims(dy_N, -1));
    return { value: losses_N!, gradFunc };
  });
  return losses(logits_NV);
}

/** The mean loss over targets. With `weights_N`, the weighted mean; a weight of 0 leaves a target out. */
export function meanCrossEntropy(logits_NV: Tensor, labels_N: Tensor, weights_N?: Tensor): Tensor {
  const losses_N = targetLosses(logits_NV, labels_N);
  if (!weights_N) return tf.mean(losses_N);
  return tf.div(tf.sum(tf.mul(losses_N, weights_N)), atLeastOne(tf.sum(weights_N)));
}

/**
 * `meanCrossEntropy` of the rows x [N, C] with the head [V, C], `rows` of them at a time, so that neither the logits
 * [N, V] nor their gradient are ever in memory as a whole. The forward pass already computes both gradients, and adds
 * up those of the blocks.
 */
export function blockedCrossEntropy(
  {
    x_NC,
    head_VC,
    labels_N,
    weights_N,
  }: { x_NC: Tensor; head_VC: Tensor; labels_N: Tensor; weights_N?: Tensor | undefined },
  { rows, precision }: { rows: number; precision: Precision },
): Tensor {
  const [N, C] = x_NC.shape as [number, number];
  const lossOf = tf.customGrad((...given: unknown[]) => {
    const [x, head, save] = given as [Tensor, Tensor, (tensors: Tensor[]) => void];
    // Weight of each row's loss in the mean.
    const shares_N = weights_N ? tf.div(weights_N, atLeastOne(tf.sum(weights_N))) : tf.fill([N], 1 / N);
    const dx: Tensor[] = [];
    const losses: Tensor[] = [];
    let dhead_CV: Tensor | null = null;
    for (let start = 0; start < N; start += rows) {
      const size = Math.min(rows, N - start);
      const part = tf.slice(x, [start, 0], [size, C]);
      const rows_RC = lowered(precision, dhead_CV ? barrier(part, [dhead_CV]) : part);
      const shares_R = tf.slice(shares_N, [start], [size]);
      const logits_RV = tf.matMul(rows_RC, head, false, true);
      const labels = tf.slice(labels_N, [start], [size]);
      const [loss, dlogits_RV] = fusedAll(
        `cross_entropy_${precision}`,
        [logits_RV, labels, shares_R],
        (logits, ids, shares) => {
          const [losses_R, backprop_RV] = tf.engine().runKernel('SparseSoftmaxCrossEntropy', {
            logits: raised(precision, logits),
            labels: ids,
          }) as unknown as [Tensor, Tensor];
          return [tf.sum(tf.mul(losses_R, shares)), lowered(precision, tf.mul(backprop_RV, tf.expandDims(shares, -1)))];
        },
      ) as [Tensor, Tensor];
      losses.push(loss);
      dx.push(tf.matMul(dlogits_RV, head));
      // Transposed, because the product in the other order takes twice as long.
      const more_CV: Tensor = tf.matMul(rows_RC, dlogits_RV, true, false);
      if (rows >= N) dhead_CV = more_CV;
      else
        dhead_CV = dhead_CV
          ? fusedAll('sum', [dhead_CV, more_CV], (sum, more) => [tf.add(sum, more)])[0]!
          : raised(precision, more_CV);
    }
    save([dx.length > 1 ? tf.concat(dx, 0) : dx[0]!, dhead_CV!]);
    const gradFunc = (dy: Tensor, [dx_NC, dw_CV]: Tensor[]): Tensor[] => [
      tf.mul(dx_NC!, dy),
      tf.transpose(tf.mul(dw_CV!, dy), [1, 0]),
    ];
    return { value: tf.addN(losses), gradFunc };
  });
  return lossOf(x_NC, head_VC);
}

/** Makes the loss 0 without a gradient, instead of 0/0, for a batch in which no target counts. */
function atLeastOne(sum: Tensor): Tensor {
  return tf.maximum(sum, 1);
}
