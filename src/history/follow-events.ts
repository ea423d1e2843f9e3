import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { RecordedEvent, RunEvent } from '../pipeline/events.ts';
import { fromJsonNumber } from '../numbers/json-number.ts';

/** Reads the events of an `events.jsonl` that have not been read yet; a torn or foreign line is skipped. */
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

/** Objects, one a line, that have not been read yet. A line is read once it is whole. */
function lineReader(path: string, from: number): { read(): Line[]; offset(): number } {
  let offset = from;
  let rest: Buffer = Buffer.alloc(0);
  return {
    /** end of the last whole line that was read */
    offset: () => offset - rest.length,
    read() {
      const fresh = bytesFrom(path, offset);
      if (fresh.length === 0) return [];
      offset += fresh.length;
      const text = Buffer.concat([rest, fresh]);
      const end = text.lastIndexOf(10) + 1;
      rest = text.subarray(end);
      return text.toString('utf8', 0, end).split('\n').flatMap(parseLine);
    },
  };
}

/** What stands behind the offset; nothing if the file is not there (yet, or any more). */
function bytesFrom(path: string, offset: number): Buffer {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const fresh = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
    return fresh.subarray(0, fresh.length && readSync(file, fresh, 0, fresh.length, offset));
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
