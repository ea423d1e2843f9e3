/** The lowest loss so far, and the number of measurements in a row that were not lower than it by enough. */
export interface Stall {
  best: number | null;
  stalled: number;
}

export const UNMEASURED: Stall = { best: null, stalled: 0 };

/** A loss counts as lower only if it is more than `minDelta` below the best. */
export function measured({ best, stalled }: Stall, loss: number, minDelta: number): Stall {
  return best === null || loss < best - minDelta ? { best: loss, stalled: 0 } : { best, stalled: stalled + 1 };
}
