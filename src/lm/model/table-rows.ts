import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

/**
 * Rows of the table. tfjs's own gradient of a gather walks through the ids once for each row of the table, which takes
 * plain JavaScript seconds a step at GPT-2's 50,257 rows; adding each row of the gradient where it belongs takes none.
 */
export function tableRows(table_VC: Tensor, ids_N: Tensor): Tensor {
  const gather = tf.customGrad((...given: unknown[]) => {
    const [table, save] = given as [Tensor, (tensors: Tensor[]) => void];
    save([ids_N]);
    const gradFunc = (dy_NC: Tensor, [ids]: Tensor[]): Tensor =>
      tf.scatterND(tf.expandDims(ids!, -1), dy_NC, table_VC.shape);
    return { value: tf.gather(table, ids_N), gradFunc };
  });
  return gather(table_VC);
}
