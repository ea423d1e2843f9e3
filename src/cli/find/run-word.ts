import { dirname } from 'node:path';
import type { PastRun } from '../../history/past-runs.ts';
import { runNames } from '../../history/run-names.ts';
import { runsDirectory } from '../runs-directory.ts';
import { shellWord } from '../../files/shell-word.ts';
import { nearPath } from '../screen/shown-values.ts';

/** A longer name makes a command too long for a line. */
const LONGEST = 32;

/**
 * The word for a run in a command that is printed: its name, the end of a long name if that is enough to find the run,
 * or the folder of a run that is not among our runs.
 */
export function runWord({ run, name, dir }: Pick<PastRun, 'run' | 'name' | 'dir'>): string {
  if (dirname(dir) !== runsDirectory()) return shellWord(nearPath(dir));
  const end = name.slice(name.lastIndexOf('-') + 1);
  const isEnough = name.length > LONGEST && runNames(dirname(dir)).matching(end).join() === run;
  return shellWord(isEnough ? end : name);
}
