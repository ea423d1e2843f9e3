import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../../src/engine/engine.ts';
import { openTensorFlowEngine } from '../../src/engine/tensorflow/tensorflow-engine.ts';
import { numbers } from './engines.ts';

// argv: the library's folder, and what to do or how to exit.
const [libraryDir, what] = process.argv.slice(2) as [string, string];
if (what === 'exit-while-loading') {
  void open(false);
  console.error('to stderr');
  console.log('before the end');
  process.exit(7);
}
const engine = await open(false);

if (what === 'digest') {
  const compiling = await open(true);
  process.stdout.write(`${await digest(engine)} ${await digest(compiling)}\n`);
  engine.close();
  compiling.close();
} else {
  // 1500 products of 1024 x 1024 take many seconds. An engine closed during a call waits for it, so use fewer there.
  const inCall = what.endsWith('-in-call');
  const running = inCall ? matMuls(1024, what === 'close-in-call' ? 100 : 1500) : matMuls(512, 3);
  if (inCall) await sleep(400);
  else await running;
  console.log('before the end');
  if (what === 'close') engine.close();
  if (what === 'close-in-call') {
    // The engine is freed when the call is over.
    engine.close();
    await running;
  }
  if (what === 'exit' || what === 'exit-in-call') process.exit(7);
  if (what === 'throw-in-call') throw new Error('thrown on purpose');
}

function open(xla: boolean): Promise<Engine> {
  return openTensorFlowEngine({ libraryDir, threads: 2, xla });
}

function matMuls(size: number, length: number): Promise<unknown> {
  const program = engine.compile(
    'long',
    { inputs: { x: { shape: [size, size], dtype: 'float32' } }, variables: {} },
    ({ x }) => {
      let y = x as tf.Tensor2D;
      for (let i = 0; i < length; i++) y = tf.matMul(y, x as tf.Tensor2D);
      return { outputs: { sum: tf.sum(y) } };
    },
  );
  return program.call({ x: new Float32Array(size * size) });
}

/** A hash of losses and weights after some gradient steps with sums and products large enough for several threads. */
async function digest(engine: Engine): Promise<string> {
  const [N, C] = [64, 512];
  const w = engine.variable('w', [C, C], numbers(C * C, -0.05, 0.05, 3));
  const inputs = { x: { shape: [N, C], dtype: 'float32' as const }, i: { shape: [N], dtype: 'int32' as const } };
  const program = engine.compile('step', { inputs, variables: { w } }, ({ x, i }, { w }) => {
    const loss = (weight: tf.Tensor): tf.Scalar => {
      const rows = tf.gather(weight, i as tf.Tensor1D);
      return tf.mean(tf.square(tf.sub(tf.tanh(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D)), rows)));
    };
    const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => loss(given[0]!))([w!]);
    return { outputs: { value }, assign: { w: tf.sub(w!, tf.mul(20, grads[0]!)) } };
  });
  const hash = createHash('sha256');
  for (let step = 0; step < 4; step++) {
    const i = Int32Array.from(numbers(N, 0, C, step), Math.floor);
    hash.update((await program.call({ x: numbers(N * C, -1, 1, step), i }))['value']!);
  }
  return hash.update(await engine.read(w)).digest('hex');
}
