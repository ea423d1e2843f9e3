import { defineVerb, required } from '../../verb.ts';

export const timeStepVerb = defineVerb({
  name: 'time-step',
  group: 'internal',
  positionals: { params: required('PARAMS', []) },
  about: 'time training steps with these params, as JSON; `init` calls this',
  flags: {},
  anywhere: true,
  computes: true,
  examples: [`time-step '{"model":{"layers":4,"heads":4,"width":128,"context":128}}'`],
  run: async () => (await import('../../init/time-step.ts')).printStepTime,
});
