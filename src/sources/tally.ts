/**
 * Counts what happened to the input while it was read. A *record* is a message, or a file, line or thread that yields
 * no message. Each record is either kept or dropped for a reason, and at the end the sums must agree.
 */
export interface Tally {
  read: number;
  /** messages that were returned */
  kept: number;
  /** reason → records */
  dropped: Record<string, number>;
  mojibake: { repaired: number; untouched: number; failed: number };
  /** the first few distinct strings, before and after the repair; shown only on the user's own page */
  mended: { repaired: [was: string, is: string][]; failed: string[] };
  skipped: { count: number; first: { place: string; reason: string }[] };
  /**
   * findings that did not stop the reader, such as a file's encoding → how often, and where first; `warning`: something
   * was guessed or lost, so the run warns of it, with an example that holds no text of a message
   */
  noticed: Map<string, { count: number; first: string; warning?: true; example?: string }>;
  /** messages dated after `after`, the current time; reported to the user but not part of the output */
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

/** Counts an unreadable file or line as one dropped record, and lists where it is. */
export function skip(tally: Tally, place: string, reason: string, record: 'unreadable file' | 'unreadable line'): void {
  tally.read++;
  drop(tally, record);
  tally.skipped.count++;
  if (tally.skipped.first.length < MOST_LISTED) tally.skipped.first.push({ place, reason });
}

export function skipAll(refused: { place: string; reason: string }[], tally: Tally): void {
  for (const { place, reason } of refused) skip(tally, place, reason, 'unreadable file');
}

/**
 * Records something that the user should know although nothing was lost. `what` begins with a singular noun, because it
 * is shown after a count: `file in UTF-16 LE`.
 */
export function notice(tally: Tally, what: string, place: string): void {
  const known = tally.noticed.get(what);
  if (known) known.count++;
  else tally.noticed.set(what, { count: 1, first: place });
}

/** Like `notice`, for something that was guessed or lost: the run shows it as a warning. */
export function warn(tally: Tally, what: string, place: string, example?: string): void {
  const known = tally.noticed.get(what);
  if (known) known.count++;
  else
    tally.noticed.set(what, { count: 1, first: place, warning: true, ...(example === undefined ? {} : { example }) });
}

/** Throws an Error if a record was lost: that is a bug in the reader, never a problem of the user's files. */
export function checkTally({ read, kept, dropped }: Tally): void {
  const sum = Object.values(dropped).reduce((total, count) => total + count, kept);
  if (read !== sum) throw new Error(`bug in the reader: ${read} records read, but ${sum} kept or dropped`);
}

/** How many skipped files or lines are listed; all are counted. */
export const MOST_LISTED = 100;
