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
  mojibake: { repaired: number; untouched: number; failed: number };
  /** the first few different ones, as they were and as they are now; for the page that only the person sees */
  mended: { repaired: [was: string, is: string][]; failed: string[] };
  skipped: { count: number; first: { place: string; reason: string }[] };
  /** what the reader found out and went on with, such as a file's encoding → how often, and where first */
  noticed: Map<string, { count: number; first: string }>;
  /** messages dated after `after`, by which the clock is meant; told to the person, and no part of what is written */
  future: { after: number; messages: number; first: string };
  filesRead: number;
  bytesRead: number;
}

export function newTally(after = Infinity): Tally {
  return {
    read: 0,
    kept: 0,
    dropped: {},
    mojibake: { repaired: 0, untouched: 0, failed: 0 },
    mended: { repaired: [], failed: [] },
    skipped: { count: 0, first: [] },
    noticed: new Map(),
    future: { after, messages: 0, first: '' },
    filesRead: 0,
    bytesRead: 0,
  };
}

export function drop(tally: Tally, reason: string, records = 1): void {
  tally.dropped[reason] = (tally.dropped[reason] ?? 0) + records;
}

/** A file or line that cannot be read: one record, met and dropped, and named by its place. */
export function skip(tally: Tally, place: string, reason: string, record: 'unreadable file' | 'unreadable line'): void {
  tally.read++;
  drop(tally, record);
  tally.skipped.count++;
  if (tally.skipped.first.length < NAMED) tally.skipped.first.push({ place, reason });
}

export function skipAll(refused: { place: string; reason: string }[], tally: Tally): void {
  for (const { place, reason } of refused) skip(tally, place, reason, 'unreadable file');
}

/**
 * Something that the person should hear of although nothing was lost by it. `what` begins with the singular it counts:
 * `file in UTF-16 LE`.
 */
export function notice(tally: Tally, what: string, place: string): void {
  const known = tally.noticed.get(what);
  if (known) known.count++;
  else tally.noticed.set(what, { count: 1, first: place });
}

/** Throws an Error if a record got lost: that is a fault of the reader, never of the user's files. */
export function checkTally({ read, kept, dropped }: Tally): void {
  const sum = Object.values(dropped).reduce((total, count) => total + count, kept);
  if (read !== sum) throw new Error(`the reader lost count: ${read} records read, but ${sum} kept or dropped`);
}

/** So many skipped places are kept by name; all are counted. */
export const NAMED = 100;
