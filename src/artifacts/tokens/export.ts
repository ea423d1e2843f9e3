import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportLayout } from './export-layout.ts';
import { SHARD_HEADER_BYTES } from './shards.ts';
import { SPLIT_NAMES, type SplitName, type TokensIndex } from './index.ts';

/** A file for another trainer, and the shards it is made from. */
export interface ExportedFile {
  file: string;
  split: SplitName;
  tokens: number;
  bytes: number;
  /** number of bytes to skip at the beginning of each shard */
  skips: number;
  shards: { file: string; sha256: string }[];
}

/** The files of an export. Splits without tokens have no file. `name` is the prefix of llm.c's file names. */
export function exportedFiles({ splits }: TokensIndex, layout: ExportLayout, name: string): ExportedFile[] {
  return SPLIT_NAMES.flatMap((split): ExportedFile[] => {
    const { shards, tokens } = splits[split];
    if (tokens === 0) return [];
    if (layout === 'nanogpt')
      return [{ file: `${WORDS[split]}.bin`, split, tokens, bytes: tokens * 2, skips: SHARD_HEADER_BYTES, shards }];
    return shards.map((shard, index) => ({
      file: llmcName(name, split, index),
      split,
      tokens: shard.tokens,
      bytes: SHARD_HEADER_BYTES + shard.tokens * 2,
      skips: 0,
      shards: [shard],
    }));
  });
}

/** Whether the other trainer would read a file of this name as part of the export. */
export function belongsToExport(file: string, layout: ExportLayout, name: string): boolean {
  if (layout === 'nanogpt') return Object.values(WORDS).some((word) => file === `${word}.bin`);
  return file.startsWith(`${name}_`) && /^(train|val|test)_\d{6}\.bin$/.test(file.slice(name.length + 1));
}

/**
 * The bytes of a file in chunks; each chunk overwrites the one before. Throws an Error at the end of a shard that does
 * not match the index.
 */
export function* exportedBytes(tokensDir: string, { shards, skips }: ExportedFile): Generator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const { file, sha256 } of shards) {
    const hash = createHash('sha256');
    const fd = openSync(join(tokensDir, file), 'r');
    try {
      let skip = skips;
      for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
        hash.update(chunk.subarray(0, read));
        const from = Math.min(skip, read);
        skip -= from;
        if (from < read) yield chunk.subarray(from, read);
      }
    } finally {
      closeSync(fd);
    }
    if (hash.digest('hex') !== sha256)
      throw new Error(`${join(tokensDir, file)} is damaged: its sha256 does not match the index`);
  }
}

const CHUNK_BYTES = 1 << 20;
const WORDS: Record<SplitName, string> = { train: 'train', validation: 'val', test: 'test' };

/** Numbered as by llm.c's scripts, where held-out text begins at 0 and training text at 1. */
function llmcName(name: string, split: SplitName, index: number): string {
  return `${name}_${WORDS[split]}_${String(split === 'train' ? index + 1 : index).padStart(6, '0')}.bin`;
}
