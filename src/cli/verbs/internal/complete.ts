import { anyNumber, defineVerb } from '../../verb.ts';

/** The last word is the one under the cursor. */
export const completeVerb = defineVerb({
  name: 'complete',
  group: 'internal',
  positionals: { words: anyNumber('WORD', []) },
  about: 'print what the last word could be completed to, one per line; completion scripts call this',
  flags: {},
  verbatim: true,
  anywhere: true,
  examples: ['complete run pipelines/'],
  run: async () => (await import('../../shell/complete.ts')).printCandidates,
});
