import { distance } from 'fastest-levenshtein';

/** The known name that a typo most likely meant, or null if none is near. */
export function nearest(name: string, known: string[]): string | null {
  const scored = known.map((each) => ({ each, edits: distance(name.toLowerCase(), each.toLowerCase()) }));
  scored.sort((a, b) => a.edits - b.edits || a.each.localeCompare(b.each));
  const best = scored[0];
  return best && best.edits <= Math.max(2, Math.floor(name.length / 3)) ? best.each : null;
}

/** `did you mean "x"?`, or the list of what there is. */
export function suggestion(name: string, known: string[], what: string): string {
  const near = nearest(name, known);
  if (near) return `did you mean "${near}"?`;
  return known.length ? `${what}: ${known.join(', ')}` : `there are no ${what}`;
}
