import { decimal, defineVerb, required, text, toggle, wholeNumber } from '../../verb.ts';
import { MODEL_NAMES } from '../../find/run-names.ts';

export const chatVerb = defineVerb({
  name: 'chat',
  group: 'Use',
  positionals: { model: required('RUN[/STAGE]', 'run', `${MODEL_NAMES}; or eliza, the program of 1966`) },
  about: 'talk with one of the people whose messages a model was trained on',
  flags: {
    with: text('NAME', 'who the model writes as; by default whoever shares most conversations with you', []),
    as: text('NAME', 'who you are; by default the owner of the chats', []),
    group: toggle('let everybody in the training text join in'),
    seed: wholeNumber('N', 'another seed gives other answers (1337)', { least: 0, most: 2 ** 32 - 1 }),
    temperature: decimal('T', 'below 1: safer, above 1: wilder (0.9)', { least: 0, most: 100 }),
    topK: wholeNumber('N', 'draw only from the N most likely tokens; 0: from all (0)', { least: 0 }),
    topP: decimal('P', 'draw only from the most likely tokens that together reach P (1)', {
      least: 0,
      most: 1,
      above: true,
    }),
    clock: text(
      'TIME',
      'when the chat begins, such as 2026-05-04T17:30Z; by default after the latest conversation',
      [],
    ),
    recite: toggle('mark replies that have 12 tokens or more in a row from the training text'),
    save: text('FILE', 'write the chat to this file as it goes', 'file'),
    script: text('FILE', 'with eliza: another script, in the notation of 1966', 'file'),
    replay: text('FILE', 'write a saved chat again, from its inputs', 'file'),
  },
  notes: [
    'The same seed and the same messages give the same chat.',
    'Commands: /again, /more, /undo, /edit TEXT, /as NAME, /with NAME, /self N, /new, /save FILE, /health, /help, /quit.',
    'Ctrl-C while the model writes ends its line; // begins a message with a slash.',
    '--recite reads the training text after each reply; if it has more than 20 million tokens, only the latest of them.',
    'If standard input is not a terminal, each of its lines is a message.',
  ],
  examples: ['chat latest', 'chat eliza', 'chat latest --with Ann --temperature 0.8'],
  computes: true,
  run: async () => (await import('../../use/chat.ts')).chat,
});
