import assert from 'node:assert/strict';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { cardModels, chosenDevice } from '../../src/engine/device.ts';
import { engineChoice } from '../../src/engine/engine-choice.ts';
import { computeDeterministically } from '../../src/engine/tensorflow/gpu-determinism.ts';
import { gpuBuild } from '../../src/engine/tensorflow/install/gpu-build.ts';
import { filesOf } from '../../src/engine/tensorflow/install/pinned-build.ts';
import { numericEnvironment } from '../../src/engine/numeric-environment.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { openTensorFlowEngine } from '../../src/engine/tensorflow/tensorflow-engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow/install/install.ts';
import { configProto } from '../../src/engine/tensorflow/c/config-proto.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { tensorFlowDir } from './engines.ts';
import { setEnvironment } from '../kit/environment.ts';

test('the device is chosen by the machine, and is part of the key', (context) => {
  setEnvironment(context, { RUNNER_DEVICE: 'cpu' });
  assert.equal(chosenDevice(), 'cpu');
  const onCpu = numericEnvironment(engineChoice('tensorflow'));
  assert.equal(onCpu['device'], undefined, 'as in keys made before there was a choice');
  process.env['RUNNER_DEVICE'] = 'gpu';
  const onGpu = numericEnvironment(engineChoice('tensorflow'));
  assert.match(onGpu['device']!, /^gpu/);
  if (!process.env['RUNNER_TENSORFLOW']) assert.equal(onGpu['library'], 'tensorflow 2.21.0');
  process.env['RUNNER_DEVICE'] = 'tpu';
  assert.throws(() => chosenDevice(), /RUNNER_DEVICE is "tpu"; it can be cpu, gpu or auto/);
});

test('auto is the GPU if there are both a card and the build for it', (context) => {
  const [plain, withCard, cache] = [temporaryDir(context), temporaryDir(context), temporaryDir(context)];
  setEnvironment(context, { RUNNER_DEVICE: undefined, RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: cache });
  const card = join(withCard, 'proc/driver/nvidia/gpus/0000:01:00.0/information');
  write(card, 'Model: \t\t NVIDIA GeForce RTX 3090\nIRQ:   \t\t 40\n');
  assert.deepEqual(cardModels(withCard), ['NVIDIA GeForce RTX 3090']);
  assert.deepEqual(cardModels(plain), []);
  assert.equal(chosenDevice(withCard), 'cpu', 'a card without the build');
  for (const [path, bytes] of filesOf(gpuBuild)) {
    write(join(cache, 'chat-runner/tensorflow-2.21.0', path), '');
    truncateSync(join(cache, 'chat-runner/tensorflow-2.21.0', path), bytes);
  }
  assert.equal(chosenDevice(withCard), 'gpu');
  assert.equal(chosenDevice(plain), 'cpu', 'the build without a card');
  process.env['RUNNER_DEVICE'] = 'auto';
  assert.equal(chosenDevice(withCard), 'gpu');
  process.env['RUNNER_TENSORFLOW'] = plain;
  assert.equal(chosenDevice(withCard), 'cpu', "with the user's own library, the user must choose");
});

test('bf16 uses oneDNN on a CPU, and the key names the compiler', (context) => {
  setEnvironment(context, { RUNNER_DEVICE: 'cpu' });
  assert.equal(numericEnvironment(engineChoice('tensorflow', 'bf16'))['compiler'], 'graph');
  assert.equal(numericEnvironment(engineChoice('tensorflow', 'fp32'))['compiler'], 'xla');
  process.env['RUNNER_DEVICE'] = 'gpu';
  assert.equal(engineChoice('tensorflow', 'bf16').xla, true);
});

test('GPU memory is allocated as needed: gpu_options.allow_growth', () => {
  assert.deepEqual(
    [...configProto({ intraOpThreads: 2, interOpThreads: 1, growGpuMemory: true })],
    [0x10, 2, 0x28, 1, 0x32, 2, 0x20, 1],
  );
  assert.deepEqual([...configProto({ intraOpThreads: 300, interOpThreads: 1 })], [0x10, 0xac, 0x02, 0x28, 1]);
});

test("a GPU is set to compute the same bits each time; that flag is not mistaken for the user's", (context) => {
  const environment: NodeJS.ProcessEnv = { XLA_FLAGS: '--xla_dump_to=x' };
  computeDeterministically(environment);
  computeDeterministically(environment);
  assert.deepEqual(environment, {
    XLA_FLAGS: '--xla_dump_to=x --xla_gpu_deterministic_ops=true',
    TF_DETERMINISTIC_OPS: '1',
  });
  setEnvironment(context, { XLA_FLAGS: undefined, TF_DETERMINISTIC_OPS: undefined });
  const choice = { engine: 'tensorflow', threads: 2, xla: true, device: 'gpu' } as const;
  const before = numericEnvironment(choice);
  computeDeterministically();
  assert.deepEqual(numericEnvironment(choice), before);
  process.env['XLA_FLAGS'] += ' --xla_dump_to=x';
  assert.equal(numericEnvironment(choice)['XLA_FLAGS'], '--xla_dump_to=x');
});

test('choosing a GPU without the build for GPUs says how to install it', async (context) => {
  setEnvironment(context, { RUNNER_TENSORFLOW: undefined, XDG_CACHE_HOME: temporaryDir(context) });
  await assert.rejects(
    openEngine({ engine: 'tensorflow', threads: 1, xla: true, device: 'gpu' }),
    /build for GPUs is not installed: run `\.\/runner setup --gpu`, or set RUNNER_DEVICE=cpu/,
  );
});

test(
  'choosing a GPU that does not exist fails with a clear message',
  { skip: findTensorFlow()?.identity === 'tensorflow-cpu 2.21.0' ? false : 'not the CPU build' },
  async (context) => {
    setEnvironment(context, { XLA_FLAGS: undefined, TF_DETERMINISTIC_OPS: undefined });
    const opening = openTensorFlowEngine({ libraryDir: tensorFlowDir, threads: 1, xla: true, device: 'gpu' });
    await assert.rejects(opening, /TensorFlow finds no GPU, only CPU: .*To use the CPU, set RUNNER_DEVICE=cpu/);
  },
);

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
