import { decimal, defineVerb, oneOf, required, texts, toggle, wholeNumber } from '../../verb.ts';
import { MODEL_NAMES } from '../../find/run-names.ts';

export const sampleVerb = defineVerb({
  name: 'sample',
  group: 'Use',
  positionals: { model: required('RUN[/STAGE]', 'run', MODEL_NAMES) },
  about: 'continue a prompt with a model that was trained, or is still in training',
  flags: {
    prompt: texts('TEXT', 'the beginning of the text; - reads it from standard input; may be given several times', []),
    count: wholeNumber('N', 'texts per prompt (1)', { least: 1, most: 10_000 }),
    maxTokens: wholeNumber('N', 'maximum length of a text (100)', { least: 1, most: 65_536 }),
    temperature: decimal('T', 'below 1: safer, above 1: wilder, 0: always the most likely token (1)', {
      least: 0,
      most: 100,
    }),
    topK: wholeNumber('N', 'draw only from the N most likely tokens; 0: from all (0)', { least: 0 }),
    topP: decimal('P', 'draw only from the most likely tokens that together reach P (1)', {
      least: 0,
      most: 1,
      above: true,
    }),
    stop: texts('TEXT', 'a string that ends a text; may be given several times', []),
    seed: wholeNumber('N', 'another seed draws other texts (1337)', { least: 0, most: 2 ** 32 - 1 }),
    weights: oneOf('WHICH', 'best: lowest held-out loss; final: last step (best)', {
      choices: ['best', 'final'],
      absent: 'best',
    }),
    json: toggle('print each text as one line of JSON, as in samples.jsonl'),
  },
  notes: [
    'The same model, prompt and settings write the same text, here and in a `sample` stage.',
    'A line end at the end of standard input is not part of the prompt.',
  ],
  examples: ['sample latest --prompt "Ann:"', 'sample latest/model --prompt "Ann:" --count 4 --temperature 0.8'],
  computes: true,
  run: async () => (await import('../../use/sample.ts')).sample,
});
