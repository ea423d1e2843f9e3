import { EXPORT_FORMATS } from '../export/export-formats.ts';
import { age, defineVerb, oneOf, optional, required, text, toggle, wholeNumber } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const exportVerb = defineVerb({
  name: 'export',
  group: 'Inspect',
  positionals: {
    run: required('RUN', 'run', `${RUN_NAMES}; or a folder of tokens. RUN/STAGE is the same as RUN STAGE`),
    stage: optional('STAGE', 'stage-of-run', 'needed if more than one stage of the run made what is exported'),
    dir: required('DIR', 'file', 'the folder to write to'),
  },
  about: "write a run's tokens or conversations as files that other programs can train on",
  flags: {
    as: oneOf('FORMAT', 'nanogpt, llmc, messages or sharegpt (see below)', { choices: EXPORT_FORMATS, absent: null }),
    me: text('NAME', 'whose messages are learned; otherwise the owner of the chats', []),
    gap: age('TIME', 'a silence that ends a conversation; otherwise 6h; 0h: none does'),
    maxTokens: wholeNumber(
      'N',
      'limit of a sample, in GPT-2 tokens of its texts and 5 for each message; otherwise 2,048',
      { least: 16 },
    ),
    seed: wholeNumber('N', 'another seed holds out other conversations, if no tokenize stage has chosen them', {
      least: 0,
      most: 4294967295,
    }),
    json: toggle('print what was written as JSON'),
  },
  notes: [
    '--as nanogpt  writes train.bin, val.bin and test.bin: 16-bit token ids, little-endian, without a header',
    "--as llmc     writes NAME_train_000001.bin, …, NAME_val_000000.bin, … with llm.c's header; NAME is the name of DIR",
    '--as messages, --as sharegpt',
    '              write train.jsonl, validation.jsonl and test.jsonl for LLaMA-Factory, Axolotl or Unsloth, with',
    "              LLaMA-Factory's dataset_info.json, and summary.json: what became of every message. One person's",
    '              messages are learned. Consecutive messages of one side are one turn, a line each. What a tokenize stage',
    '              of the run held out is held out. A conversation above --max-tokens is cut at its longest silence. In a',
    "              conversation of more than two people, the others' messages begin with their names. --me, --gap,",
    '              --max-tokens and --seed are for these formats',
    '',
    'If a file exists with different content, nothing is written. A `shards` stage can read nanogpt and llmc files.',
  ],
  examples: ['export latest out/chat --as nanogpt', 'export latest out/train --as messages --me "Ann Lee" --gap 6h'],
  run: async () => (await import('../export/exporters.ts')).exportRun,
});
