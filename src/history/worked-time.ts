import type { RunEvent } from '../pipeline/events.ts';

/**
 * Measures how long a run works: the time in which at least one of its stages runs. The points of a sweep wait for one
 * another, and any run may wait for memory, a GPU or another run; none of that counts.
 */
export function workedTime(): { note(event: RunEvent): void; seconds(): number } {
  const running = new Set<string>();
  let sinceMs = 0;
  let totalMs = 0;
  return {
    note(event) {
      if (event.kind === 'stage-started') {
        if (running.size === 0) sinceMs = event.time;
        running.add(event.stage);
      }
      if (event.kind !== 'stage-finished' || !running.delete(event.result.name) || running.size > 0) return;
      totalMs += Math.max(0, event.time - sinceMs);
    },
    seconds: () => totalMs / 1000,
  };
}
