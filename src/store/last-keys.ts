import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { readText } from '../files/read-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import type { Key } from '../pipeline/plan/key.ts';

/**
 * `last/<pipeline>.jsonl`: one line, `["stage","key"]`, for each time a stage's key changed, newest last. Each line is
 * appended in one write, so two runners do not lose each other's lines.
 */
export interface LastKeys {
  keysOf(pipeline: string): ReadonlyMap<string, Key>;
  remember(pipeline: string, stage: string, key: Key): void;
}

/** A file with more lines per stage than this is rewritten without the outdated ones. */
const MAX_LINES_PER_STAGE = 8;

export function openLastKeys(dir: string, writable: boolean): LastKeys {
  const known = new Map<string, Map<string, Key>>();
  const pathOf = (pipeline: string): string => join(dir, `${encodeURIComponent(pipeline)}.jsonl`);
  const keysOf = (pipeline: string): Map<string, Key> => {
    const keys = known.get(pipeline) ?? readKeys(pathOf(pipeline), writable);
    known.set(pipeline, keys);
    return keys;
  };
  return {
    keysOf,
    remember(pipeline, stage, key) {
      keysOf(pipeline).set(stage, key);
      appendFileSync(pathOf(pipeline), `${JSON.stringify([stage, key])}\n`);
    },
  };
}

// ---------------------------------------------------------------------------

function readKeys(path: string, writable: boolean): Map<string, Key> {
  const lines = (readText(path) ?? '').split('\n');
  const keys = new Map(lines.flatMap((line) => parseLine(line)));
  if (writable && lines.length > 100 + MAX_LINES_PER_STAGE * keys.size) shorten(path, keys);
  return keys;
}

/** Skips incomplete lines and lines in another format. */
function parseLine(line: string): [string, Key][] {
  try {
    const [stage, key] = JSON.parse(line) as [unknown, unknown];
    return typeof stage === 'string' && typeof key === 'string' ? [[stage, key as Key]] : [];
  } catch {
    return [];
  }
}

function shorten(path: string, keys: Map<string, Key>): void {
  try {
    replaceFile(path, [...keys].map((line) => `${JSON.stringify(line)}\n`).join(''));
  } catch {
    // harmless: the file is just longer than needed
  }
}
