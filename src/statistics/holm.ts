/** Holm's corrected p of several tests, in the order given. Each may be compared with the level of a single test. */
export function holm(p: readonly number[]): number[] {
  const ascending = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]!);
  const corrected = p.map(() => 0);
  let largest = 0;
  ascending.forEach((test, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[test]!));
    corrected[test] = largest;
  });
  return corrected;
}
