import { accessSync, constants, statSync } from 'node:fs';
import type { Machine } from '../../pipeline/stage-kind.ts';
import { remembered } from '../load/remembered.ts';

/** This machine as planning sees it. Each path is checked once. */
export function thisMachine(locate: Machine['locate']): Machine {
  const [files, executables] = [new Map<string, boolean>(), new Map<string, boolean>()];
  const isFile = (path: string): boolean => remembered(files, path, () => isFileAt(path));
  return {
    locate,
    isFile,
    isExecutable: (path) => remembered(executables, path, () => isFile(path) && mayRun(path)),
  };
}

// ---------------------------------------------------------------------------

/** False also for a path in a folder that we may not enter, a loop of links, or a name that is too long. */
function isFileAt(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
