import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import type { RecordedEvent } from '../pipeline/events.ts';

/** Reads the whole lines of an `events.jsonl` that have not been read yet; a torn or foreign line is skipped. */
export function eventReader(path: string, from = 0): { read(): RecordedEvent[]; offset(): number } {
  let offset = from;
  let rest = Buffer.alloc(0);
  return {
    /** end of the last whole line that was read */
    offset: () => offset - rest.length,
    read() {
      const size = existsSync(path) ? statSync(path).size : 0;
      if (size <= offset) return [];
      const fresh = Buffer.alloc(size - offset);
      const file = openSync(path, 'r');
      const count = readSync(file, fresh, 0, fresh.length, offset);
      closeSync(file);
      offset += count;
      const text = Buffer.concat([rest, fresh.subarray(0, count)]);
      const end = text.lastIndexOf(10) + 1;
      rest = text.subarray(end);
      return text.toString('utf8', 0, end).split('\n').flatMap(parseLine);
    },
  };
}

function parseLine(line: string): RecordedEvent[] {
  if (!line) return [];
  try {
    const event = JSON.parse(line, revive) as Partial<RecordedEvent>;
    return typeof event.kind === 'string' && typeof event.time === 'number' ? [event as RecordedEvent] : [];
  } catch {
    return [];
  }
}

/** JSON has no words for these; a loss can be one. */
export const nonFinite: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity };

const revive = (key: string, value: unknown): unknown => (key === 'value' && typeof value === 'string' ? (nonFinite[value] ?? value) : value);
