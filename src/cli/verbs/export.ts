import { EXPORT_LAYOUTS } from '../../artifacts/tokens/export-layout.ts';
import { defineVerb, oneOf, optional, required, toggle } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const exportVerb = defineVerb({
  name: 'export',
  group: 'Inspect',
  positionals: {
    run: required('RUN', 'run', `${RUN_NAMES}; or a folder of tokens`),
    stage: optional('STAGE', 'stage-of-run', 'needed if more than one stage of the run made tokens'),
    dir: required('DIR', 'file', 'the folder to write to'),
  },
  about: "write a run's tokens as files that nanoGPT or llm.c can train on",
  flags: {
    as: oneOf('LAYOUT', 'nanogpt or llmc (see below)', { choices: EXPORT_LAYOUTS, absent: null }),
    json: toggle('print what was written as JSON'),
  },
  notes: [
    '--as nanogpt  writes train.bin, val.bin and test.bin: 16-bit token ids, little-endian, without a header',
    "--as llmc     writes NAME_train_000001.bin, …, NAME_val_000000.bin, … with llm.c's header; NAME is the name of DIR",
    '',
    'If a file exists with different content, nothing is written. A `shards` stage can read these files.',
  ],
  examples: ['export latest out/chat --as nanogpt'],
  run: async () => (await import('../export/export.ts')).exportTokens,
});
