import { age, defineVerb, size, toggle, wholeNumber } from '../verb.ts';

export const gcVerb = defineVerb({
  name: 'gc',
  group: 'Maintain',
  positionals: {},
  about: 'list what can be deleted from the store; --yes moves it to the trash',
  flags: {
    olderThan: age('AGE', 'runs older than AGE (30d, 12h, 2w) keep nothing; older unfinished attempts go, too'),
    keep: wholeNumber('N', 'only the N newest runs of each pipeline keep their results', { least: 0 }),
    maxSize: size('SIZE', 'then delete what was used longest ago until the store is at most SIZE (50GB)'),
    parts: toggle('delete the parts cache: what was read and encoded of single files, kept only to save time'),
    yes: toggle('move all of it to the trash'),
    undo: toggle('restore what the last `gc --yes` moved'),
    emptyTrash: toggle('delete the contents of the trash for good, to free the space'),
    json: toggle('print it as JSON'),
  },
  notes: [
    'Results that a run uses are kept. The last and the best run of each pipeline always keep theirs.',
    'RUNNER_STORE_LIMIT=50GB makes `run` refuse to start if the store would grow beyond that.',
  ],
  examples: ['gc --keep 3 --older-than 30d'],
  run: async () => (await import('../store/gc.ts')).collectGarbage,
});
