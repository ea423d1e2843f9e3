import { rememberRepair } from './text/mojibake.ts';
import { drop, MOST_LISTED, type Tally } from './tally.ts';

/** Adds the counts of one part of a source to those of the whole source. */
export function addTally(tally: Tally, part: Tally): void {
  tally.read += part.read;
  tally.kept += part.kept;
  tally.filesRead += part.filesRead;
  tally.bytesRead += part.bytesRead;
  for (const [reason, records] of Object.entries(part.dropped)) drop(tally, reason, records);
  for (const outcome of ['repaired', 'untouched', 'failed'] as const) tally.mojibake[outcome] += part.mojibake[outcome];
  for (const [was, text] of part.mended.repaired) rememberRepair(tally.mended, was, { text, outcome: 'repaired' });
  for (const was of part.mended.failed) rememberRepair(tally.mended, was, { text: was, outcome: 'failed' });
  tally.skipped.count += part.skipped.count;
  tally.skipped.first.push(...part.skipped.first.slice(0, MOST_LISTED - tally.skipped.first.length));
  for (const [what, finding] of part.noticed) {
    const known = tally.noticed.get(what);
    if (known) known.count += finding.count;
    else tally.noticed.set(what, { ...finding });
  }
  if (tally.future.messages === 0) tally.future.first = part.future.first;
  tally.future.messages += part.future.messages;
}
