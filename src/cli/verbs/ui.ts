import { defineVerb, wholeNumber } from '../verb.ts';

export const uiVerb = defineVerb({
  name: 'ui',
  group: 'Inspect',
  positionals: {},
  about: 'start an MLflow server on 127.0.0.1 with every run, and print its links',
  flags: {
    port: wholeNumber('N', 'default: the first free port from 5000 on', { least: 1024, most: 65535 }),
  },
  notes: [
    'Runs that no server has received yet are sent to it first. Ctrl-C stops the server.',
    'MLflow has no login: on a shared machine, whoever is logged in can read and change the runs at its port.',
  ],
  examples: ['ui'],
  run: async () => (await import('../inspect/ui.ts')).serveUi,
});
