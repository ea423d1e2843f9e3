import type { Capacity, Needs } from './needs.ts';

export interface Waiting {
  id: number;
  needs: Needs;
  /** lower goes first; equal ones as they came */
  priority: number;
  /** how many that should have come later were let in before it */
  passed: number;
}

export interface Taken {
  id: number;
  needs: Needs;
  gpus: string[];
}

/** So often may a stage that finds no room be passed by smaller ones; then they wait with it. */
export const PATIENCE = 16;

/**
 * Which of those that wait start now, with the devices each gets. What fits may pass what does not, but not for ever,
 * so that a training that wants every core is not kept waiting by an endless row of small stages.
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
      inUse.reduce((sum, each) => sum + each.needs.cpu, needs.cpu) <= capacity.cpu &&
      inUse.reduce((sum, each) => sum + each.needs.memory, needs.memory) <= capacity.memory &&
      needs.gpu <= free.length;
    if (fits) starting.push({ id, needs, gpus: free.slice(0, needs.gpu) });
    else if (passed >= PATIENCE) break;
  }
  return starting;
}

export const inTurn = (a: Pick<Waiting, 'id' | 'priority'>, b: Pick<Waiting, 'id' | 'priority'>): number =>
  a.priority - b.priority || a.id - b.id;
