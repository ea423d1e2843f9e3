import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../../files/read-file.ts';
import { sha256Of } from '../../files/sha256.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';

/**
 * What the files of a source were when they were last hashed, so that they need not be read again. One file for each
 * source:
 *
 *     stats/2 <sha256 of all that follows> <time of the look, ms>
 *     <sha256> <size> <mtime, ns> <ctime, ns> <inode> <device> <path, as JSON>
 *
 * It only saves time: damaged, missing or doubtful, it is a miss. A file that was changed less than two seconds before
 * the look is not written down, for it may change again within one tick of the file system's clock (git calls it racy).
 * Looks that lie in the future count for nothing: the clock was set back since, and old times may come again.
 */
export interface StatCache {
  /** what the file was hashed to, if it is still the same to every appearance */
  known(path: string, stats: BigIntStats): string | null;
  learn(path: string, stats: BigIntStats, sha256: string): void;
  /** writes, if anything was learnt; never throws, for a store that cannot be written still reads */
  save(): void;
}

export interface StatCacheSettings {
  dir: string;
  /** absolute; a file or a folder */
  source: string;
  now?: (() => number) | undefined;
}

const RACY_MS = 2000;
const RECORD = 'stats/2';

export function openStatCache({ dir, source, now = Date.now }: StatCacheSettings): StatCache {
  const path = join(dir, sha256Of(source).slice(0, 32));
  const lookedMs = now();
  const lines = readLines(path, lookedMs);
  const seen = new Map<string, string>();
  let learnt = false;
  return {
    known(name, stats) {
      const line = lines.get(name);
      if (line === undefined || line.slice(65) !== appearance(stats)) return null;
      seen.set(name, line);
      return line.slice(0, 64);
    },
    learn(name, stats, sha256) {
      if (isRacy(stats, lookedMs)) return;
      seen.set(name, `${sha256} ${appearance(stats)}`);
      learnt = true;
    },
    save() {
      if (!learnt && seen.size === lines.size) return;
      const body = [...seen].map(([name, line]) => `${line} ${JSON.stringify(name)}\n`).join('');
      try {
        const rest = `${lookedMs}\n${body}`;
        replaceFileDurably(path, `${RECORD} ${sha256Of(rest)} ${rest}`);
      } catch {
        // a full or read-only disk: then the next look reads again
      }
    },
  };
}

/** Whether a stat cache's file is whole. */
export function isWholeStatFile(text: string): boolean {
  return split(text) !== null;
}

// ---------------------------------------------------------------------------

const appearance = ({ size, mtimeNs, ctimeNs, ino, dev }: BigIntStats): string =>
  `${size} ${mtimeNs} ${ctimeNs} ${ino} ${dev}`;

function isRacy({ mtimeMs, ctimeMs }: BigIntStats, lookedMs: number): boolean {
  return Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) + RACY_MS >= lookedMs;
}

function readLines(path: string, nowMs: number): Map<string, string> {
  const found = split(readText(path) ?? '');
  const lines = new Map<string, string>();
  if (!found || found.lookedMs > nowMs) return lines;
  for (const line of found.body.split('\n')) {
    const quote = line.indexOf(' "');
    if (quote > 0) lines.set(JSON.parse(line.slice(quote + 1)) as string, line.slice(0, quote));
  }
  return lines;
}

function split(text: string): { lookedMs: number; body: string } | null {
  const head = RECORD.length + 1 + 64 + 1;
  const rest = text.slice(head);
  if (text.slice(0, head) !== `${RECORD} ${sha256Of(rest)} `) return null;
  const end = rest.indexOf('\n');
  return { lookedMs: Number(rest.slice(0, end)), body: rest.slice(end + 1) };
}
