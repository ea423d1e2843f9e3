import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportLayout } from './export-layout.ts';
import { SHARD_HEADER_BYTES } from './shards.ts';
import { SPLIT_NAMES, type SplitName, type TokensIndex } from './index.ts';

/** A file for another trainer, and the shards that it is made of. */
export interface ExportedFile {
  file: string;
  split: SplitName;
  tokens: number;
  bytes: number;
  /** bytes at the beginning of each shard that are left out */
  skips: number;
  shards: { file: string; sha256: string }[];
}

/** What an export consists of; splits without tokens have no file. `name` is what llm.c's file names begin with. */
export function exportedFiles({ splits }: TokensIndex, layout: ExportLayout, name: string): ExportedFile[] {
  return SPLIT_NAMES.flatMap((split): ExportedFile[] => {
    const { shards, tokens } = splits[split];
    if (tokens === 0) return [];
    if (layout === 'nanogpt')
      return [{ file: `${WORDS[split]}.bin`, split, tokens, bytes: tokens * 2, skips: SHARD_HEADER_BYTES, shards }];
    return shards.map((shard, at) => ({
      file: llmcName(name, split, at),
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
 * The bytes of a file, a piece at a time; a piece is overwritten by the next one. Throws an Error at the end of a shard
 * that is not what the index says.
 */
export function* exportedBytes(tokensDir: string, { shards, skips }: ExportedFile): Generator<Uint8Array> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (const { file, sha256 } of shards) {
    const hash = createHash('sha256');
    const fd = openSync(join(tokensDir, file), 'r');
    try {
      let skip = skips;
      for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) {
        hash.update(piece.subarray(0, read));
        const from = Math.min(skip, read);
        skip -= from;
        if (from < read) yield piece.subarray(from, read);
      }
    } finally {
      closeSync(fd);
    }
    if (hash.digest('hex') !== sha256)
      throw new Error(`${join(tokensDir, file)} is damaged: its sha256 is not the index's`);
  }
}

const PIECE_BYTES = 1 << 20;
const WORDS: Record<SplitName, string> = { train: 'train', validation: 'val', test: 'test' };

/** As llm.c's scripts number them: 0 is held out, training text begins at 1. */
function llmcName(name: string, split: SplitName, at: number): string {
  return `${name}_${WORDS[split]}_${String(split === 'train' ? at + 1 : at).padStart(6, '0')}.bin`;
}
