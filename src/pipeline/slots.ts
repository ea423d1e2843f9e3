import type { Capacity, Needs } from './needs.ts';

export interface Waiting {
  id: number;
  needs: Needs;
  /** lower starts first; equal priorities start in order of arrival */
  priority: number;
  /** how many stages that come after it have started before it */
  passed: number;
}

export interface Taken {
  id: number;
  needs: Needs;
  gpus: string[];
}

/** How often smaller stages may overtake one that does not fit. After that, they wait until it starts. */
export const PATIENCE = 16;

/**
 * Which waiting stages start now, and which devices each gets. A stage that fits may overtake one that does not, but
 * not forever: otherwise an endless row of small stages would block a training that wants every core.
 */
export function whoStarts(
  waiting: Waiting[],
  taken: Taken[],
  { capacity, jobs }: { capacity: Capacity; jobs: number },
): Taken[] {
  const starting: Taken[] = [];
  for (const { id, needs, passed } of [...waiting].sort(inTurn)) {
    const inUse = [...taken, ...starting];
    if (inUse.length >= jobs) break;
    const free = capacity.gpus.filter((gpu) => !inUse.some(({ gpus }) => gpus.includes(gpu)));
    const fits =
      inUse.reduce((sum, slot) => sum + slot.needs.cpu, needs.cpu) <= capacity.cpu &&
      inUse.reduce((sum, slot) => sum + slot.needs.memory, needs.memory) <= capacity.memory &&
      needs.gpu <= free.length;
    if (fits) starting.push({ id, needs, gpus: free.slice(0, needs.gpu) });
    else if (passed >= PATIENCE) break;
  }
  return starting;
}

export const inTurn = (a: Pick<Waiting, 'id' | 'priority'>, b: Pick<Waiting, 'id' | 'priority'>): number =>
  a.priority - b.priority || a.id - b.id;
