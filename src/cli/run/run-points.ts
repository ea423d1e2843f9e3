/**
 * Runs the points of a sweep, several at once, in their order; the results stand in the points' places. A point whose
 * run throws does not stop the others: the first error is thrown once all have ended. None begins after `noNew`; those
 * are left out.
 */
export async function runPoints<Point, Result>(
  points: Point[],
  { atOnce, noNew, run }: { atOnce: number; noNew: AbortSignal; run(point: Point): Promise<Result> },
): Promise<Result[]> {
  const results: (Result | undefined)[] = [];
  const errors: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < points.length && !noNew.aborted) {
      const at = next++;
      try {
        results[at] = await run(points[at] as Point);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, points.length) }, worker));
  if (errors.length) throw errors[0];
  return results.filter((result) => result !== undefined);
}
