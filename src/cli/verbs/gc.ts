import { age, defineVerb, size, toggle, wholeNumber } from '../verb.ts';

export const gcVerb = defineVerb({
  name: 'gc',
  group: 'Maintain',
  positionals: {},
  about: 'list what can be deleted from the store; --yes moves it to the trash',
  flags: {
    olderThan: age(
      'AGE',
      'also delete results used only by runs older than AGE (30d, 12h, 2w), and older unfinished attempts',
    ),
    keep: wholeNumber('N', 'also delete results that are not used by the N newest runs of each pipeline', { least: 0 }),
    maxSize: size('SIZE', 'then delete the least recently used results until the store is at most SIZE (50GB)'),
    parts: toggle('also delete the cache of results for individual input files; it only saves time'),
    yes: toggle('move everything listed to the trash'),
    undo: toggle('restore what the last `gc --yes` or `rm` moved'),
    emptyTrash: toggle('delete the contents of the trash for good, to free the space'),
    json: toggle('print it as JSON'),
  },
  notes: [
    'Without --older-than, --keep or --max-size, every result that a run uses is kept.',
    'The results of the last and of the best run of each pipeline are always kept, and so are those of the last hour.',
    'RUNNER_STORE_LIMIT=50GB makes `run` refuse to start if the store would grow beyond that.',
  ],
  examples: ['gc --keep 3 --older-than 30d'],
  run: async () => (await import('../store/gc.ts')).collectGarbage,
});
