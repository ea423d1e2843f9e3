import { defineVerb, optional, toggle } from '../verb.ts';

export const attachVerb = defineVerb({
  name: 'attach',
  group: 'Run',
  positionals: { run: optional('RUN', 'run', 'default: the newest run that is in progress') },
  about: 'follow a run started elsewhere; Ctrl-C detaches',
  flags: { stop: toggle('ask the run to save its state and stop, and follow it until it has') },
  examples: ['attach'],
  run: async () => (await import('../run/attach.ts')).attach,
});
