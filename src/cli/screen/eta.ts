/** How much was done at some time, milliseconds since 1970. */
export interface Mark {
  done: number;
  timeMs: number;
}

/** Seconds until all is done, from the rate since a mark; null without progress or when nothing is left. */
export function secondsLeft(since: Mark, { done, timeMs }: Mark, total: number): number | null {
  const moved = done - since.done;
  return moved > 0 && total > done ? ((timeMs - since.timeMs) / 1000 / moved) * (total - done) : null;
}
