import { defineVerb, required } from '../../verb.ts';

export const doctorTensorFlowVerb = defineVerb({
  name: 'doctor-tensorflow',
  group: 'internal',
  positionals: { dir: required('DIR', 'file') },
  about: 'load TensorFlow from a folder and print its version; `doctor` calls this',
  anywhere: true,
  flags: {},
  examples: ['doctor-tensorflow ~/.cache/chat-runner/tensorflow'],
  run: async () => (await import('../../machine/doctor-tensorflow.ts')).printTensorFlowVersion,
});
