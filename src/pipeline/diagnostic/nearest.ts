import { distance } from 'fastest-levenshtein';
import { withCommas } from '../../numbers/counted.ts';

/** Hints should be short, so they show at most this many names of a longer list. */
const NAMES_SHOWN = 12;

/** The known name that is most similar to a mistyped one, or null if none is similar enough. */
export function nearest(name: string, known: string[]): string | null {
  if (name === '') return null;
  const maxEdits = Math.min(name.length - 1, Math.max(2, Math.floor(name.length / 3)));
  const lower = name.toLowerCase();
  let best: { candidate: string; edits: number; alike: number } | null = null;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) > (best?.edits ?? maxEdits)) continue;
    const edits = distance(lower, candidate.toLowerCase());
    if (edits > maxEdits) continue;
    // of two that are as near, the one that begins alike: "rum" means "run", not "rm", and "bsh" means "bash", not "zsh"
    const alike = sameLetters(lower, candidate.toLowerCase());
    const order = best ? edits - best.edits || best.alike - alike || (candidate < best.candidate ? -1 : 1) : -1;
    if (order < 0) best = { candidate, edits, alike };
  }
  return best?.candidate ?? null;
}

/** How many letters two names have in common from their beginning. */
function sameLetters(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

/** A name without the differences of spelling between languages: `batch_size`, `batchSize` and `batch-size` are one. */
export const normalized = (name: string): string => name.toLowerCase().replace(/[_-]/g, '');

/** `did you mean "x"?`, or a list of the known names. */
export function suggestion(name: string, known: string[], what: string): string {
  const near = nearest(name, known);
  if (near) return `did you mean "${near}"?`;
  if (known.length === 0) return `there are no ${what}`;
  const more = known.length - NAMES_SHOWN;
  return `${what}: ${known.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` … and ${withCommas(more)} more` : ''}`;
}
