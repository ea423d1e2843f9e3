import { basename, dirname } from 'node:path';
import { givenNames, listRunFolders, runNames, writeGivenNames } from '../../history/run-names.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import { UsageError } from '../verb.ts';

/** `runner rename RUN NAME`: the folder and the record keep the name that the run began with. */
export function renameRun({ run, name }: { run: string; name: string }): number {
  const runsDir = runsDirectory();
  const past = findRun(runsDir, run);
  if (dirname(past.dir) !== runsDir) throw new UsageError(`${past.name} is not in ${runsDir}: rename its folder`);
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(name) || name === 'latest')
    throw new UsageError(
      `"${name}" cannot be a name: use up to 64 letters, digits, "-", "_" and ".", but not "latest"`,
    );
  const names = runNames(runsDir);
  const taken = listRunFolders(runsDir).find(
    (folder) => folder !== basename(past.dir) && (folder === name || names.of(folder) === name),
  );
  if (taken !== undefined) throw new UsageError(`"${name}" is the name of another run: ${taken}`);
  writeGivenNames(runsDir, { ...givenNames(runsDir), [basename(past.dir)]: name });
  console.log(`${past.name} is now called ${name}`);
  return 0;
}
