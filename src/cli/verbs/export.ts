import { TENSOR_TYPES } from '../../artifacts/gguf/tensor-types.ts';
import { EXPORT_FORMATS } from '../export/export-formats.ts';
import { age, defineVerb, listed, oneOf, optional, required, text, toggle, wholeNumber } from '../verb.ts';
import { RUN_NAMES } from '../find/run-names.ts';

export const exportVerb = defineVerb({
  name: 'export',
  group: 'Inspect',
  positionals: {
    run: required('RUN', 'run', `${RUN_NAMES}; or a folder of tokens`),
    stage: optional(
      'STAGE',
      'stage-of-run',
      'needed if more than one stage made what is exported; RUN/STAGE is the same',
    ),
    dir: required('DIR', 'file', 'the folder to write to'),
  },
  about: "write a run's model, conversations or tokens as files for other programs",
  flags: {
    as: oneOf('FORMAT', `${listed(EXPORT_FORMATS, 'or')} (see below)`, { choices: EXPORT_FORMATS, absent: null }),
    type: oneOf('TYPE', 'the numbers in a GGUF file: f32, f16, bf16 or q8_0; otherwise f16', {
      choices: TENSOR_TYPES,
      absent: null,
    }),
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
    '--as gguf     writes model.gguf for llama.cpp and LM Studio, and a Modelfile for Ollama: the best weights, the',
    "              tokenizer, and the run's line template as a chat format, in which `user` and `assistant` are the two",
    '              people who share most conversations',
    '--as huggingface',
    '              writes the best weights as a folder for transformers, with a README.md about data, recipe and losses',
    '--as messages, --as sharegpt',
    '              write train.jsonl, validation.jsonl and test.jsonl for LLaMA-Factory, Axolotl or Unsloth, with',
    "              LLaMA-Factory's dataset_info.json, and summary.json: what became of every message. One person's",
    '              messages are learned. Consecutive messages of one side are one turn, a line each. What a tokenize stage',
    '              of the run held out is held out. A conversation above --max-tokens is cut at its longest silence. In a',
    "              conversation of more than two people, the others' messages begin with their names. --me, --gap,",
    '              --max-tokens and --seed are for these formats',
    '--as nanogpt  writes train.bin, val.bin and test.bin: 16-bit token ids, little-endian, without a header',
    "--as llmc     writes NAME_train_000001.bin, …, NAME_val_000000.bin, … with llm.c's header; NAME is the name of DIR",
    '',
    'A model needs a new or empty DIR. Otherwise, nothing is written if a file exists with different content. A `shards`',
    'stage can read nanogpt and llmc files.',
  ],
  examples: [
    'export latest/model out/model --as gguf --type q8_0',
    'export latest out/train --as messages --me Ann --gap 6h',
    'export latest out/chat --as nanogpt',
  ],
  run: async () => (await import('../export/exporters.ts')).exportRun,
});
