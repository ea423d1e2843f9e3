/**
 * The account of one reading. A *record* is a message, or a file, line or thread that no message could be got from;
 * each record met is kept or dropped for a reason, and at the end the sums must agree.
 */
export interface Tally {
  read: number;
  /** messages that went out */
  kept: number;
  /** reason → records */
  dropped: Record<string, number>;
  /** names of speakers of kept messages */
  people: Set<string>;
  newlinesFolded: number;
  mojibake: { repaired: number; untouched: number; failed: number };
  skipped: { count: number; first: { place: string; reason: string }[] };
  filesRead: number;
  bytesRead: number;
}

export function newTally(): Tally {
  return {
    read: 0,
    kept: 0,
    dropped: {},
    people: new Set(),
    newlinesFolded: 0,
    mojibake: { repaired: 0, untouched: 0, failed: 0 },
    skipped: { count: 0, first: [] },
    filesRead: 0,
    bytesRead: 0,
  };
}

export function drop(tally: Tally, reason: string): void {
  tally.dropped[reason] = (tally.dropped[reason] ?? 0) + 1;
}

/** A file or line that cannot be read: one record, met and dropped, and named by its place. */
export function skip(tally: Tally, place: string, reason: string, record: 'unreadable file' | 'unreadable line'): void {
  tally.read++;
  drop(tally, record);
  tally.skipped.count++;
  if (tally.skipped.first.length < NAMED) tally.skipped.first.push({ place, reason });
}

/** Throws an Error if a record got lost: that is a fault of the reader, never of the user's files. */
export function checkTally({ read, kept, dropped }: Tally): void {
  const sum = Object.values(dropped).reduce((total, count) => total + count, kept);
  if (read !== sum) throw new Error(`the reader lost count: ${read} records read, but ${sum} kept or dropped`);
}

/** So many skipped places are kept by name; all are counted. */
const NAMED = 100;
