import { defineVerb, toggle } from '../verb.ts';

export const verifyVerb = defineVerb({
  name: 'verify',
  group: 'Maintain',
  positionals: {},
  about: 'read every result in the store and report files that have changed or are missing',
  flags: {
    repair: toggle('move damaged results to the trash, so that the next run computes them again'),
    json: toggle('print it as JSON'),
  },
  notes: ['Exit code: 0 nothing is damaged or all of it was repaired, 1 something is damaged.'],
  examples: ['verify --repair'],
  run: async () => (await import('../store/verify.ts')).verify,
});
