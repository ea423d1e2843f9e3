import { anyNumber, defineVerb, required } from '../../verb.ts';
import { RUN_NAMES } from '../../find/run-names.ts';

export const noteVerb = defineVerb({
  name: 'note',
  group: 'Inspect',
  positionals: {
    run: required('RUN', 'run', RUN_NAMES),
    words: anyNumber('WORD', [], 'the note; without one, the notes are only shown'),
  },
  about: 'add a note to a run; `show` prints it',
  flags: {},
  examples: ['note comedy-9863 "still repeats itself"'],
  run: async () => (await import('../../label/note.ts')).noteRun,
});
