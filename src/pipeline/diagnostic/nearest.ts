import { distance } from 'fastest-levenshtein';

/** A hint is read at a glance: of more names than this, the first are shown. */
const NAMES_SHOWN = 12;

/** The known name that a typo most likely meant, or null if none is near. */
export function nearest(name: string, known: string[]): string | null {
  const most = Math.max(2, Math.floor(name.length / 3));
  const lower = name.toLowerCase();
  let best: { each: string; edits: number } | null = null;
  for (const each of known) {
    if (Math.abs(each.length - name.length) > (best?.edits ?? most)) continue;
    const edits = distance(lower, each.toLowerCase());
    if (edits <= most && (!best || edits < best.edits || (edits === best.edits && each < best.each)))
      best = { each, edits };
  }
  return best?.each ?? null;
}

/** `did you mean "x"?`, or the list of what there is. */
export function suggestion(name: string, known: string[], what: string): string {
  const near = nearest(name, known);
  if (near) return `did you mean "${near}"?`;
  if (known.length === 0) return `there are no ${what}`;
  const more = known.length - NAMES_SHOWN;
  return `${what}: ${known.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` … and ${more.toLocaleString('en-US')} more` : ''}`;
}
