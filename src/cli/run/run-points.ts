/**
 * Runs the points of a sweep in their order, several at once. Returns the results in the order of the points. A point
 * whose run throws does not stop the others: the first error is thrown once all have ended. After `noNew`, no more
 * points start, and those that never started have no result.
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
      const index = next++;
      try {
        results[index] = await run(points[index] as Point);
      } catch (error) {
        errors.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, points.length) }, worker));
  if (errors.length) throw errors[0];
  return results.filter((result) => result !== undefined);
}
