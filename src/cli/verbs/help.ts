import { defineVerb, optional } from '../verb.ts';

export const helpVerb = defineVerb({
  name: 'help',
  group: 'Other',
  positionals: { verb: optional('VERB', 'verb') },
  about: 'list the verbs, or describe one',
  anywhere: true,
  flags: {},
  examples: ['help run'],
  run: async () => (await import('../help.ts')).printHelp,
});
