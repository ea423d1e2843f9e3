import { defineVerb, required, text, toggle, wholeNumber } from '../../verb.ts';
import { MODEL_NAMES } from '../../find/run-names.ts';

export const serveVerb = defineVerb({
  name: 'serve',
  group: 'Use',
  positionals: { model: required('RUN[/STAGE]', 'run', MODEL_NAMES) },
  about: 'a chat page for your browser, and an OpenAI-compatible API for other programs',
  flags: {
    port: wholeNumber('N', 'by default the first free one from 5217 on', { least: 1, most: 65_535 }),
    as: text('NAME', 'who you are; by default the owner of the chats', []),
    newKey: toggle('make a new key; programs that stored the old one can no longer connect'),
  },
  notes: [
    'Only programs of this machine that know the key can connect. It is part of the printed address.',
    'Each person is a model of the API: see GET /v1/models. System messages are ignored.',
    'Up to 16 answers are written at the same time; others wait.',
  ],
  examples: ['serve latest'],
  computes: true,
  run: async () => (await import('../../use/serve.ts')).serve,
});
