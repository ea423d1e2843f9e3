import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readVocabulary } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { llamaCppVocabulary } from '../../src/tokenizer/llama-cpp-vocabulary.ts';

const files = readVocabulary();

test('has every piece under its id, and the separator as a control token', () => {
  const { tokens, types, merges, separator, lineFeed } = llamaCppVocabulary(files, 50257);
  assert.deepEqual([tokens[0], tokens[31373], tokens[50256]], ['!', 'hello', '<|endoftext|>']);
  assert.deepEqual([tokens.length, types.length, merges.length], [50257, 50257, 50000]);
  assert.deepEqual([merges[0], merges.at(-1)], ['Ġ t', 'Ġg azed']);
  assert.deepEqual([separator, lineFeed], [50256, 198]);
  assert.deepEqual([types[0], types[50256], types.filter((type) => type !== 1).length], [1, 3, 1]);
});

test('rows beyond the tokens are unused tokens with names of their own; fewer rows are refused', () => {
  const { tokens, types } = llamaCppVocabulary(files, 50304);
  assert.equal(new Set(tokens).size, 50304);
  assert.deepEqual(types.slice(50256), [3, ...new Array<number>(47).fill(5)]);
  assert.throws(
    () => llamaCppVocabulary(files, 50000),
    /^RangeError: the model has embeddings for 50000 token ids, but its tokenizer has 50257 tokens$/,
  );
});
