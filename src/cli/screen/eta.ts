import { clock } from './durations.ts';

/** How much was done at some time, milliseconds since 1970. */
export interface Mark {
  done: number;
  timeMs: number;
}

/** `ETA 1:04`, from the rate since a mark; empty without progress or when nothing is left. */
export function etaText(since: Mark, { done, timeMs }: Mark, total: number): string {
  const moved = done - since.done;
  return moved > 0 && total > done ? `ETA ${clock(((timeMs - since.timeMs) / moved) * (total - done))}` : '';
}
