import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenDevice, engineChoice } from '../../src/engine/engine-choice.ts';
import { numericEnvironment } from '../../src/engine/numeric-environment.ts';
import { openEngine } from '../../src/engine/open-engine.ts';
import { findTensorFlow } from '../../src/engine/tensorflow-library.ts';
import { configProto } from '../../src/engine/tensorflow/config-proto.ts';

test('the device is the machine\'s choice, and part of the key', (context) => {
  const before = process.env['RUNNER_DEVICE'];
  context.after(() => (before === undefined ? delete process.env['RUNNER_DEVICE'] : (process.env['RUNNER_DEVICE'] = before)));
  delete process.env['RUNNER_DEVICE'];
  assert.equal(chosenDevice(), 'cpu');
  const onCpu = numericEnvironment(engineChoice('tensorflow'));
  assert.equal(onCpu['device'], undefined);
  process.env['RUNNER_DEVICE'] = 'gpu';
  assert.deepEqual(numericEnvironment(engineChoice('tensorflow')), { ...onCpu, device: 'gpu' });
  process.env['RUNNER_DEVICE'] = 'tpu';
  assert.throws(chosenDevice, /RUNNER_DEVICE is "tpu"; it can be cpu or gpu/);
});

test('bf16 is left to oneDNN on a CPU, and the key says which compiler', () => {
  assert.equal(numericEnvironment(engineChoice('tensorflow', 'bf16'))['compiler'], 'graph');
  assert.equal(numericEnvironment(engineChoice('tensorflow', 'fp32'))['compiler'], 'xla');
});

test('a GPU takes its memory as it needs it: gpu_options.allow_growth', () => {
  assert.deepEqual([...configProto({ intraOpThreads: 2, interOpThreads: 1, growGpuMemory: true })], [0x10, 2, 0x28, 1, 0x32, 2, 0x20, 1]);
  assert.deepEqual([...configProto({ intraOpThreads: 300, interOpThreads: 1 })], [0x10, 0xac, 0x02, 0x28, 1]);
});

test('without a GPU the choice of one fails in words', { skip: findTensorFlow()?.identity === 'tensorflow-cpu 2.21.0' ? false : 'not the CPU build' }, async () => {
  await assert.rejects(openEngine({ engine: 'tensorflow', threads: 1, xla: true, device: 'gpu' }), /TensorFlow sees no GPU here, only CPU: .*Unset RUNNER_DEVICE to compute on the CPU/);
});
