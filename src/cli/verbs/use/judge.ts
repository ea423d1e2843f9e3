import { defineVerb, required, text, toggle, wholeNumber } from '../../verb.ts';

export const judgeVerb = defineVerb({
  name: 'judge',
  group: 'Use',
  positionals: {
    test: required(
      'RUN[/STAGE]',
      'run',
      'a run, as for `show`; with /STAGE if more than one of its stages has questions',
    ),
  },
  about: 'take a blind test: which text is real, and which did the model write?',
  flags: {
    judge: text('NAME', 'who answers; by default your user name', []),
    terminal: toggle('ask in this terminal instead of in the browser'),
    port: wholeNumber('N', 'by default the first free one from 5217 on', { least: 1, most: 65_535 }),
  },
  notes: [
    'Every answer is saved at once, in the folder that the `verdict` stage names, or in judgements/PIPELINE.',
    'You can stop at any time and continue later with the same command. The result is shown at the end.',
  ],
  examples: ['judge latest', 'judge latest --judge ann', 'judge latest --terminal'],
  run: async () => (await import('../../use/judge.ts')).judge,
});
