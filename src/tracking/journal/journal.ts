/**
 * The journal: everything that happened in one run, in order, in an append-only file. It is the source of truth; MLflow
 * gets a copy.
 *
 * Format: UTF-8, one JSON object with a sum per line (src/files/summed-line.ts). A line whose sum is wrong (a torn
 * write, a bad block) is not a record: readers drop and count it. A last line without its newline is still being
 * written. `openJournal` cuts such a tail off, so that the next record starts on a line of its own. JSON has no NaN or
 * ±Infinity: as metric values they are written as the strings "NaN", "Infinity", "-Infinity".
 */
import { closeSync, fstatSync, fsync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { fromJsonNumber, jsonNumbers } from '../../numbers/json-number.ts';
import type { Continues } from '../../pipeline/events.ts';
import { appendWhole } from '../../files/append-line.ts';
import { readSummedLine, summedLine } from '../../files/summed-line.ts';
import type { ProcessMark } from '../../process/process-mark.ts';

export interface SweepPosition {
  id: string;
  index: number;
  /** names as in the record's `params`: `model.schedule.peak` */
  params: string[];
}

export interface RunRecord {
  kind: 'run';
  uid: string;
  experiment: string;
  title: string;
  /** start, milliseconds since 1970 */
  time: number;
  tags: Record<string, string>;
  params: Record<string, string>;
  /** the names of those params that a tracker shows: chosen ones, and those that give a size; absent: all */
  chosen?: string[];
  stages: { name: string; kind: string }[];
  sweep: SweepPosition | null;
  /** the earlier run of the same training, if there is one */
  continues?: Continues;
  /** the writing process: a journal that has no end and a dead writer belongs to a killed run */
  writer: ProcessMark;
}

export type EndStatus = 'FINISHED' | 'FAILED' | 'KILLED';

export type JournalRecord =
  | RunRecord
  /**
   * `time`: milliseconds since 1970, when it was measured; `used`: by the earlier run whose training this run uses, not
   * by this one
   */
  | { kind: 'metric'; name: string; step: number; value: number; time: number; used?: true }
  | { kind: 'tag'; key: string; value: string }
  /** `path`: the name in the run's artifacts; `file`: absolute, or relative to the journal's folder */
  | { kind: 'artifact'; path: string; file: string }
  /** `dir`: absolute path of a model's folder; `digest`: of the artifact that it is in; `register`: null for not */
  | { kind: 'model'; name: string; dir: string; digest: string; register: string | null }
  | DataSetRecord
  | { kind: 'end'; status: EndStatus; time: number };

/** Something that the run reads. */
export interface DataSetRecord {
  kind: 'dataset';
  name: string;
  /** kind of the stage that made it */
  stageKind: string;
  /** hexadecimal sha256 of the content */
  digest: string;
  /** `training`, `validation`, `test`, `source` */
  context: string;
  sizes: Record<string, number>;
  columns: { name: string; type: string }[];
}

export interface Journal {
  path: string;
  /** records written by an earlier process of the same run */
  earlier: JournalRecord[];
  append(record: JournalRecord): void;
  close(): void;
}

export interface JournalPart {
  /** `end`: the offset just after this record's line; `sum`: its checksum, which identifies that position later */
  lines: { record: JournalRecord; end: number; sum: string }[];
  /** number of complete lines that were not valid records */
  dropped: number;
  /** offset after the last complete line, valid or not */
  end: number;
  /** number of bytes after `end`, which belong to a line without its newline */
  torn: number;
}

const syncEveryMs = 5000;

/**
 * Opens for appending and creates the folder if needed. Appends are synchronous and in order; fsync every 5 s, at `end`
 * and on close.
 */
export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(path, 'a+');
  const earlier = cutTornTail(fd);
  let lastSync = Date.now();
  let open = true;
  return {
    path,
    earlier,
    append(record) {
      appendWhole(fd, encodeLine(record));
      if (record.kind === 'end') fsyncSync(fd);
      else if (Date.now() - lastSync > syncEveryMs) {
        lastSync = Date.now();
        fsync(fd, () => {}); // in the background; a failure shows at the next write or at the end
      }
    },
    close() {
      if (!open) return;
      open = false;
      fsyncSync(fd);
      closeSync(fd);
    },
  };
}

/** All records, and the number of lines dropped. */
export function readJournal(path: string): JournalPart {
  const fd = openSync(path, 'r');
  try {
    return readPart(fd, 0, fstatSync(fd).size);
  } finally {
    closeSync(fd);
  }
}

/** About `maxBytes` of records from a byte offset on (at least one record, if there is one). */
export function readJournalFrom(path: string, offset: number, maxBytes: number): JournalPart {
  const fd = openSync(path, 'r');
  try {
    const size = fstatSync(fd).size;
    let part = readPart(fd, offset, Math.min(size, offset + maxBytes));
    for (let length = maxBytes * 2; part.lines.length === 0 && offset + length / 2 < size; length *= 2) {
      part = readPart(fd, offset, Math.min(size, offset + length));
    }
    return part;
  } finally {
    closeSync(fd);
  }
}

/**
 * True if a record with this sum ends exactly at `offset`. False if the journal has lost bytes that were read before.
 */
export function recordEndsAt(path: string, offset: number, sum: string): boolean {
  const ending = Buffer.from(`"${sum}"}\n`);
  const fd = openSync(path, 'r');
  try {
    const found = Buffer.alloc(ending.length);
    if (offset < ending.length || readSync(fd, found, 0, ending.length, offset - ending.length) < ending.length)
      return false;
    return found.equals(ending);
  } finally {
    closeSync(fd);
  }
}

// ---------------------------------------------------------------------------------------------------------------------

function cutTornTail(fd: number): JournalRecord[] {
  const size = fstatSync(fd).size;
  const part = readPart(fd, 0, size);
  const goodEnd = part.lines.at(-1)?.end ?? 0;
  if (goodEnd < size) ftruncateSync(fd, goodEnd);
  return part.lines.map((line) => line.record);
}

function readPart(fd: number, start: number, stop: number): JournalPart {
  const bytes = Buffer.alloc(Math.max(0, stop - start));
  let read = 0;
  while (read < bytes.length) {
    const count = readSync(fd, bytes, read, bytes.length - read, start + read);
    if (count === 0) break;
    read += count;
  }
  const part: JournalPart = { lines: [], dropped: 0, end: start, torn: 0 };
  let from = 0;
  for (let newline = bytes.indexOf(10); newline >= 0 && newline < read; newline = bytes.indexOf(10, from)) {
    const good = decodeLine(bytes.toString('utf8', from, newline));
    from = newline + 1;
    part.end = start + from;
    if (good) part.lines.push({ ...good, end: part.end });
    else part.dropped++;
  }
  part.torn = start + read - part.end;
  return part;
}

const encodeLine = (record: JournalRecord): string => `${summedLine(JSON.stringify(record, jsonNumbers))}\n`;

function decodeLine(line: string): { record: JournalRecord; sum: string } | null {
  const read = readSummedLine(line);
  if (!read) return null;
  const record = JSON.parse(read.object) as JournalRecord;
  if (record.kind === 'metric') record.value = fromJsonNumber(record.value) as number;
  return { record, sum: read.sum };
}
