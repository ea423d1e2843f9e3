import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { filesBelow } from './files-below.ts';
import { jsonlSource } from './jsonl.ts';
import { findMessengerThreads } from './messenger-layout.ts';
import { messengerSource } from './messenger.ts';
import type { Source } from './source.ts';
import { textSource } from './text.ts';

export const FORMATS = ['messenger', 'jsonl', 'text'] as const;
export type SourceFormat = (typeof FORMATS)[number];

/** Lists what the format would read at `path`, which must exist. */
export function findSource(format: SourceFormat, path: string): Source {
  switch (format) {
    case 'messenger':
      return messengerSource(path);
    case 'jsonl':
      return jsonlSource(path);
    case 'text':
      return textSource(path);
  }
}

/** What lies at `path`, by names and the first bytes; null if it looks like nothing that is read. */
export function likelyFormat(path: string): SourceFormat | null {
  if (!statSync(path).isDirectory()) return likelyFileFormat(path);
  if (findMessengerThreads(path).threads.length > 0) return 'messenger';
  if (filesBelow(path, '.jsonl').length > 0) return 'jsonl';
  return filesBelow(path, '.txt').length > 0 ? 'text' : null;
}

function likelyFileFormat(path: string): SourceFormat | null {
  const start = firstBytes(path).toString('latin1');
  if (start.includes('\0') || start.startsWith('PK')) return null;
  return /^\s*\{.*"turns"/.test(start) ? 'jsonl' : 'text';
}

function firstBytes(path: string): Buffer {
  const bytes = Buffer.alloc(4096);
  const fd = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(fd, bytes));
  } finally {
    closeSync(fd);
  }
}
