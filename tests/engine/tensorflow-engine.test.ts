import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Body, Engine, Signature } from '../../src/engine/engine.ts';
import { captureBackend } from '../../src/engine/capture/kernels/register-kernels.ts';
import { openGraph } from '../../src/engine/tensorflow/graph/graph.ts';
import { tensorFlowBuilder } from '../../src/engine/tensorflow/graph/graph-builder.ts';
import { loadTensorFlow } from '../../src/engine/tensorflow/c/load-library.ts';
import { openForTest, tensorFlowDir, withoutTensorFlow } from './engines.ts';

const onTensorFlow = { skip: withoutTensorFlow };

test('the error for reading a tensor inside a body explains why that is impossible', onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  const reading = () =>
    engine.compile('p', { inputs: {}, variables: {} }, () => ({
      outputs: { x: tf.scalar(tf.scalar(1).dataSync()[0]!) },
    }));
  assert.throws(
    reading,
    /program p cannot be captured: a tensor in the body of p has no value yet.*Return the tensor as an output/,
  );
});

test('the error for a kernel without a translation names it', onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  assert.throws(
    () =>
      engine.compile('p', { inputs: {}, variables: {} }, () => ({
        outputs: { x: tf.image.resizeBilinear(tf.zeros<tf.Rank.R3>([2, 2, 1]), [4, 4]) },
      })),
    /program p cannot be captured: tfjs's kernel ResizeBilinear is not in src\/engine\/capture\/kernels yet; engine: tfjs can run it/,
  );
});

test('refuses a tensor created outside the body, in whichever backend it is', onTensorFlow, async (context) => {
  const tfjs = await openForTest(context, 'tfjs');
  const engine = await openForTest(context, 'graph');
  const kept: tf.Tensor[] = [];
  const keeping: Body = () => {
    kept.push(tf.keep(tf.scalar(3)));
    return { outputs: { x: tf.add(kept[0]!, 1) } };
  };
  await tfjs.compile('keep', { inputs: {}, variables: {} }, keeping).call({});
  assert.throws(
    () => engine.compile('p', { inputs: {}, variables: {} }, keeping),
    /body of p uses a float32 \[\] tensor that was made outside/,
  );
  assert.equal(kept[0]!.dataSync()[0], 3, 'it is still intact');
  assert.throws(
    () => engine.compile('q', { inputs: {}, variables: {} }, () => ({ outputs: { x: tf.add(kept[1]!, 1) } })),
    /body of q uses a float32 \[\] tensor that was made outside/,
    'also one that an earlier capture left behind',
  );
});

test('TensorFlow errors during capture name the op and its shapes', onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  const inputs = { a: { shape: [2, 3], dtype: 'float32' as const }, b: { shape: [4, 5], dtype: 'float32' as const } };
  const badMatMul: Body = ({ a, b }) => ({
    outputs: {
      x: tf.engine().runKernel<tf.Tensor>('BatchMatMul', { a: a!, b: b! }, { transposeA: false, transposeB: false }),
    },
  });
  assert.throws(
    () => engine.compile('p', { inputs, variables: {} }, badMatMul),
    /program p cannot be captured: op MatMul on float32 \[2,3\], float32 \[4,5\]: TensorFlow says \(invalid argument\) Dimensions must be equal/,
  );
});

test(
  'TensorFlow errors at run time name the program, op and shapes, and the program stays usable',
  onTensorFlow,
  async (context) => {
    const engine = await openForTest(context, 'graph');
    const w = engine.variable('w', [5, 2], new Float32Array(10));
    const signature: Signature = { inputs: { i: { shape: [3], dtype: 'int32' } }, variables: { w } };
    const program = engine.compile('look_up', signature, ({ i }, { w }) => ({
      outputs: { x: tf.gather(w!, i as tf.Tensor1D) },
    }));
    await assert.rejects(program.call({ i: Int32Array.of(0, 7, 1) }), (error: Error) => {
      assert.equal(
        error.message,
        'program look_up: TensorFlow says (invalid argument) indices[1] = 7 is not in [0, 5)\n  in GatherV2 on float32 [5,2], int32 [3], int32 []',
      );
      return true;
    });
    assert.equal((await program.call({ i: Int32Array.of(0, 4, 1) }))['x']!.length, 6);
  },
);

test('a body that throws leaves the engine unchanged', onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  assert.throws(
    () =>
      engine.compile('p', { inputs: {}, variables: {} }, () => {
        throw new Error('mine');
      }),
    /program p cannot be captured: mine/,
  );
  assert.throws(
    () =>
      engine.compile('p', { inputs: {}, variables: {} }, () => {
        engine.compile('inner', { inputs: {}, variables: {} }, () => ({ outputs: {} }));
        return { outputs: {} };
      }),
    /program inner is compiled inside the body of p/,
  );
  const fine = engine.compile('p', { inputs: {}, variables: {} }, () => ({ outputs: { x: tf.scalar(4) } }));
  assert.deepEqual(await fine.call({}), { x: Float32Array.of(4) });
});

test('capturing leaves no tensors in tfjs and does not change the active backend', onTensorFlow, async (context) => {
  const tfjs = await openForTest(context, 'tfjs');
  await tfjs.compile('warm', { inputs: {}, variables: {} }, () => ({ outputs: { x: tf.scalar(4) } })).call({});
  const engine = await openForTest(context, 'graph');
  const before = [tf.getBackend(), tf.memory().numTensors];
  longProgram(engine, 2);
  assert.deepEqual([tf.getBackend(), tf.memory().numTensors], before);
});

test('an array of one repeated value becomes a Fill and does not enlarge the graph', onTensorFlow, async (context) => {
  const graph = openGraph(await loadTensorFlow(tensorFlowDir), 'graph');
  context.after(() => graph.close());
  const values = captureBackend().capture('p', tensorFlowBuilder(graph), () =>
    [tf.ones([3, 8]), tf.tensor([0, 0, 0, 0, 0, 0, 0, 0, 0, -0])].map((x) => captureBackend().graphValue(x)),
  );
  assert.deepEqual(
    values.map(({ shape }) => shape),
    [[3, 8], [10]],
  );
  const nodes = ['Const_0', 'Const_1', 'Fill_2', 'Const_3', 'Fill_3', 'Const_4'].map(
    (name) => graph.describe(name)?.split(' ')[0],
  );
  assert.deepEqual(
    nodes,
    ['Const', 'Const', 'Fill', 'Const', undefined, undefined],
    'the second contains a negative zero',
  );
});

test('timers fire while a call runs', onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  const { call } = longProgram(engine, 150);
  await call();
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 1);
  const start = performance.now();
  await call();
  clearInterval(timer);
  const elapsedMs = performance.now() - start;
  assert.ok(elapsedMs > 50, `the call is long enough to tell: ${elapsedMs} ms`);
  assert.ok(ticks > elapsedMs / 20, `${ticks} ticks in ${elapsedMs} ms`);
});

test('memory does not grow with many calls and many programs', onTensorFlow, async (context) => {
  const engine = await openForTest(context, 'graph');
  const size = 1 << 18;
  const big = engine.variable('big', [size], new Float32Array(size));
  const signature: Signature = { inputs: { x: { shape: [size], dtype: 'float32' } }, variables: { big } };
  const body: Body = ({ x }, { big }) => ({ outputs: { sum: tf.add(x!, big!) }, assign: { big: tf.mul(x!, 2) } });
  const program = engine.compile('add', signature, body);
  const x = new Float32Array(size).fill(1);
  const round = async (): Promise<void> => {
    for (let i = 0; i < 60; i++) await program.call({ x });
    for (let i = 0; i < 20; i++) {
      const once = engine.compile('once', signature, body);
      await once.call({ x });
      once.close();
      await engine.read(big);
      engine.write(big, x);
    }
    await program.call({ x: new Float32Array(size) }).then(() => program.call({ x }));
    await assert.rejects(program.call({ x: new Float32Array(1) }));
  };
  for (let warm = 0; warm < 2; warm++) await round();
  const before = rssMiB();
  for (let i = 0; i < 4; i++) await round();
  const grown = rssMiB() - before;
  // Leaking 1 MiB per call would add 400 MiB; leaking one of our handles per call at least as much.
  assert.ok(grown < 60, `${grown.toFixed(0)} MiB more after 400 calls that moved 1 MiB each way`);
});

test('two processes compute the same bits', onTensorFlow, async () => {
  const [first, second] = [await runProcess('digest'), await runProcess('digest')];
  assert.match(first.stdout, /^[0-9a-f]{64} [0-9a-f]{64}\n$/);
  assert.deepEqual(second, first);
});

test('a process that exits while TensorFlow is loaded loses nothing that it wrote', onTensorFlow, async () => {
  const { code, signal, stdout, stderr } = await runProcess('exit-while-loading');
  assert.deepEqual(
    { code, signal, stdout, stderr },
    { code: 7, signal: null, stdout: 'before the end\n', stderr: 'to stderr\n' },
  );
});

for (const ending of ['return', 'close', 'close-in-call', 'exit-in-call', 'throw-in-call', 'exit']) {
  test(
    `a process that ends by ${ending} does so cleanly and at once, with nothing on stderr`,
    onTensorFlow,
    async () => {
      const start = performance.now();
      const { code, signal, stdout, stderr } = await runProcess(ending);
      const expected = { return: 0, close: 0, 'close-in-call': 0, 'exit-in-call': 7, 'throw-in-call': 1, exit: 7 }[
        ending
      ];
      assert.deepEqual({ code, signal, stdout }, { code: expected, signal: null, stdout: 'before the end\n' });
      if (ending === 'throw-in-call') assert.match(stderr, /Error: thrown on purpose/);
      else assert.equal(stderr, '');
      if (ending.endsWith('-in-call') && ending !== 'close-in-call')
        assert.ok(performance.now() - start < 4_000, 'it does not wait for the call to end');
    },
  );
}

/** A program of `length` products of two matrices; a call of 150 takes a tenth of a second. */
function longProgram(engine: Engine, length: number) {
  const n = 512;
  const program = engine.compile(
    'long',
    { inputs: { x: { shape: [n, n], dtype: 'float32' } }, variables: {} },
    ({ x }) => {
      let y = x as tf.Tensor2D;
      for (let i = 0; i < length; i++) y = tf.matMul(y, x as tf.Tensor2D);
      return { outputs: { sum: tf.sum(y) } };
    },
  );
  const x = new Float32Array(n * n).fill(1 / n);
  return { call: () => program.call({ x }) };
}

function rssMiB(): number {
  return process.memoryUsage().rss / 2 ** 20;
}

interface Ended {
  code: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

function runProcess(what: string): Promise<Ended> {
  const script = fileURLToPath(new URL('./tensorflow.process.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [script, tensorFlowDir, what], { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({
        code: error ? ((error.code as unknown as number | undefined) ?? null) : 0,
        signal: error?.signal ?? null,
        stdout,
        stderr,
      });
    });
  });
}
