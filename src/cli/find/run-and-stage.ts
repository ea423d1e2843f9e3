import { existsSync } from 'node:fs';
import { UsageError } from '../verb.ts';

/** `RUN/STAGE` as a run and a stage. A folder that exists is a run, whatever its path. */
export function runAndStage(named: string, stage: string | null): { run: string; stage: string | null } {
  const slash = named.lastIndexOf('/');
  if (slash <= 0 || slash === named.length - 1 || existsSync(named)) return { run: named, stage };
  if (stage !== null) throw new UsageError(`"${named}" already names a stage; remove "${stage}"`);
  return { run: named.slice(0, slash), stage: named.slice(slash + 1) };
}
