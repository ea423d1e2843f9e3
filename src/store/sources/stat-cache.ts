import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../../files/read-file.ts';
import { sha256Of } from '../../files/sha256.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';

/**
 * Remembers the hashes of a source's files together with their sizes and times, so that unchanged files need not be
 * read again. One file per source:
 *
 *     stats/2 <sha256 of everything after it> <time of the check, ms>
 *     <sha256> <size> <mtime, ns> <ctime, ns> <inode> <device> <path, as JSON>
 *
 * It only saves time: if it is missing, damaged or in doubt, the files are read. A file that changed less than two
 * seconds before the check is not recorded, because it may change again within one tick of the file system's clock (git
 * calls such files racy). A cache file from the future is ignored: the clock was set back, so times may repeat.
 */
export interface StatCache {
  /** the file's hash, if its size, times and inode are unchanged; else null */
  lookup(path: string, stats: BigIntStats): string | null;
  record(path: string, stats: BigIntStats, sha256: string): void;
  /** writes the file if anything changed; never throws, so that it works on a read-only store */
  save(): void;
}

export interface StatCacheOptions {
  dir: string;
  /** the absolute path of a file or folder, or the name of an artifact */
  source: string;
  now?: (() => number) | undefined;
}

const RACY_MS = 2000;
const FORMAT = 'stats/2';

export function openStatCache({ dir, source, now = Date.now }: StatCacheOptions): StatCache {
  const path = join(dir, sha256Of(source).slice(0, 32));
  const checkedMs = now();
  const oldLines = readLines(path, checkedMs);
  const newLines = new Map<string, string>();
  let isChanged = false;
  return {
    lookup(name, stats) {
      const line = oldLines.get(name);
      if (line === undefined || line.slice(65) !== statText(stats)) return null;
      newLines.set(name, line);
      return line.slice(0, 64);
    },
    record(name, stats, sha256) {
      if (isRacy(stats, checkedMs)) return;
      newLines.set(name, `${sha256} ${statText(stats)}`);
      isChanged = true;
    },
    save() {
      if (!isChanged && newLines.size === oldLines.size) return;
      const body = [...newLines].map(([name, line]) => `${line} ${JSON.stringify(name)}\n`).join('');
      try {
        const rest = `${checkedMs}\n${body}`;
        replaceFileDurably(path, `${FORMAT} ${sha256Of(rest)} ${rest}`);
      } catch {
        // a full or read-only disk: the next check reads the files again
      }
    },
  };
}

/** Whether the text of a stat cache file is complete and matches its checksum. */
export function isWholeStatFile(text: string): boolean {
  return split(text) !== null;
}

// ---------------------------------------------------------------------------

const statText = ({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string =>
  `${size} ${mtimeNs} ${ctimeNs} ${ino} ${dev}`;

function isRacy({ mtimeMs, ctimeMs }: BigIntStats, checkedMs: number): boolean {
  return Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) + RACY_MS >= checkedMs;
}

function readLines(path: string, nowMs: number): Map<string, string> {
  const found = split(readText(path) ?? '');
  const lines = new Map<string, string>();
  if (!found || found.checkedMs > nowMs) return lines;
  for (const line of found.body.split('\n')) {
    const quote = line.indexOf(' "');
    if (quote > 0) lines.set(JSON.parse(line.slice(quote + 1)) as string, line.slice(0, quote));
  }
  return lines;
}

function split(text: string): { checkedMs: number; body: string } | null {
  const head = FORMAT.length + 1 + 64 + 1;
  const rest = text.slice(head);
  if (text.slice(0, head) !== `${FORMAT} ${sha256Of(rest)} `) return null;
  const end = rest.indexOf('\n');
  return { checkedMs: Number(rest.slice(0, end)), body: rest.slice(end + 1) };
}
