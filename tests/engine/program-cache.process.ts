import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { openEngine } from '../../src/engine/open-engine.ts';
import { numbers } from './engines.ts';

const engine = await openEngine({ engine: 'tensorflow', threads: 2, xla: true });
const program = engine.compile(
  'p',
  { inputs: { x: { shape: [64, 64], dtype: 'float32' } }, variables: {} },
  ({ x }) => ({ outputs: { y: tf.softmax(tf.matMul(tf.tanh(x!) as tf.Tensor2D, x as tf.Tensor2D)) } }),
);
const { y } = await program.call({ x: numbers(64 * 64, -1, 1, 5) });
process.stdout.write(createHash('sha256').update(y!).digest('hex'));
engine.close();
