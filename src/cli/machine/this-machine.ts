import { accessSync, constants, statSync } from 'node:fs';
import type { Machine } from '../../pipeline/stage-kind.ts';

/** For one look at a pipeline: what was found stays found. */
export function thisMachine(locate: Machine['locate']): Machine {
  const isFile = remembered((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  return { locate, isFile, isExecutable: remembered((path) => isFile(path) && mayRun(path)) };
}

// ---------------------------------------------------------------------------

function remembered(look: (path: string) => boolean): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    const answer = known.get(path) ?? look(path);
    known.set(path, answer);
    return answer;
  };
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
