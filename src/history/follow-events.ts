import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { RecordedEvent, RunEvent } from '../pipeline/events.ts';
import { fromJsonNumber } from '../numbers/json-number.ts';

/** Each `read` returns the new events of an `events.jsonl`. Skips damaged lines and lines in another format. */
export function eventReader(path: string, from = 0): { read(): RecordedEvent[]; offset(): number } {
  const lines = lineReader(path, from);
  return {
    offset: lines.offset,
    read: () => lines.read().flatMap((line) => (hasTime(line) ? [line as RecordedEvent] : [])),
  };
}

/** The same for the `events.jsonl` of a run's folder. */
export function runEventReader(path: string): { read(): RunEvent[] } {
  const lines = lineReader(path, 0);
  return {
    read: () =>
      lines.read().flatMap((line) => (hasTime(line) || hasTime(line['event']) ? [line as unknown as RunEvent] : [])),
  };
}

// ---------------------------------------------------------------------------

type Line = Record<string, unknown>;

const hasTime = (line: unknown): boolean =>
  typeof line === 'object' &&
  line !== null &&
  typeof (line as Line)['kind'] === 'string' &&
  typeof (line as Line)['time'] === 'number';

/** Each `read` returns the JSON objects of the new lines. An incomplete last line is left for the next call. */
function lineReader(path: string, from: number): { read(): Line[]; offset(): number } {
  let offset = from;
  let rest: Buffer = Buffer.alloc(0);
  return {
    /** end of the last line that was read, in bytes */
    offset: () => offset - rest.length,
    read() {
      const added = bytesFrom(path, offset);
      if (added.length === 0) return [];
      offset += added.length;
      const text = Buffer.concat([rest, added]);
      const end = text.lastIndexOf(10) + 1;
      rest = text.subarray(end);
      return text.toString('utf8', 0, end).split('\n').flatMap(parseLine);
    },
  };
}

/** The bytes after the offset; empty if the file does not exist. */
function bytesFrom(path: string, offset: number): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const stats = fstatSync(file);
    const bytes = Buffer.alloc(stats.isFile() ? Math.max(0, stats.size - offset) : 0);
    return bytes.subarray(0, bytes.length && readSync(file, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(file);
  }
}

function parseLine(line: string): Line[] {
  if (!line) return [];
  try {
    const value = JSON.parse(line, revive) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value as Line] : [];
  } catch {
    return [];
  }
}

/** Metric values may be NaN or infinite. */
const revive = (key: string, value: unknown): unknown => (key === 'value' ? fromJsonNumber(value) : value);
