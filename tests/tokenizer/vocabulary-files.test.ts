import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { test } from 'node:test';
import { readVocabulary, vocabularyPaths } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { tempDir, writeFiles } from '../artifacts/on-disk.ts';

test('reads the vocabulary, and names a missing or changed file', (t) => {
  assert.match(readVocabulary().mergesText, /^#version: 0\.2\n/);
  const dir = tempDir(t);
  const paths = vocabularyPaths(dir);
  assert.throws(() => readVocabulary(paths), /cannot read .*encoder\.json/);
  copyFileSync(vocabularyPaths().vocabPath, paths.vocabPath);
  writeFiles(dir, { 'vocab.bpe': '#version: 0.2\n' });
  assert.throws(() => readVocabulary(paths), /vocab\.bpe is not GPT-2's/);
});
