import { join } from 'node:path';
import { holdersOf } from '../process/lock.ts';
import type { ProcessMark } from '../process/process-mark.ts';
import { runEventReader } from '../history/follow-events.ts';

/** Stages of a run that have started but not finished and whose processes are alive, even if the runner is dead. */
export function runningStages(storeDir: string, runDir: string): { stage: string; mark: ProcessMark }[] {
  const keys = new Map<string, string>();
  for (const event of runEventReader(join(runDir, 'events.jsonl')).read()) {
    if (event.kind === 'stage-started' && event.key) keys.set(event.stage, event.key);
    if (event.kind === 'stage-finished') keys.delete(event.result.name);
  }
  return [...keys].flatMap(([stage, key]) =>
    holdersOf(join(storeDir, 'locks', key))
      .filter(({ role }) => role === 'stage')
      .map(({ mark }) => ({ stage, mark })),
  );
}
