import { defineVerb, optional } from '../verb.ts';

export const stopVerb = defineVerb({
  name: 'stop',
  group: 'Run',
  positionals: { run: optional('RUN', 'run', 'default: the newest run that is in progress') },
  about: 'ask a run to save its state and stop, and wait until it has',
  flags: {},
  notes: ['To resume it, repeat the command that started it.'],
  examples: ['stop latest'],
  run: async () => (await import('../run/attach.ts')).stop,
});
