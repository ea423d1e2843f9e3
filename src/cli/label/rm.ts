import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { calledAs } from '../../files/called-as.ts';
import { isRunning } from '../../gc/inventory.ts';
import { openBag, putInBag } from '../../gc/trash.ts';
import { listPastRuns } from '../../history/past-runs.ts';
import { pointLatest } from '../../history/record.ts';
import { openStore } from '../../store/store.ts';
import { storeNotWritable } from '../../store/store-error.ts';
import { findRuns } from '../find/find-run.ts';
import { runWord } from '../find/run-word.ts';
import { runsDirectory } from '../runs-directory.ts';
import { jsonText } from '../screen/printable.ts';
import { UsageError } from '../verb.ts';

/** `runner rm RUN…`: moves the folders of runs to the trash. */
export function removeRuns({ runs: named, json }: { runs: string[]; json: boolean }): number {
  if (named.length === 0) throw new UsageError('"rm" needs a run: the names that `ls` shows');
  const runsDir = runsDirectory();
  const runs = findRuns(runsDir, named);
  for (const past of runs) {
    if (dirname(past.dir) !== runsDir) throw new UsageError(`${past.dir} is not in ${runsDir}: delete it yourself`);
    if (isRunning(past))
      throw new UsageError(`${past.name} is in progress; stop it first: ${calledAs()} stop ${runWord(past)}`);
  }
  const store = openStore(join(runsDir, 'store'));
  if (store.unwritable !== null) throw storeNotWritable(store.dir, store.unwritable);
  const bag = openBag(store, 'removed');
  for (const past of runs) putInBag(store, bag, `runs/${basename(past.dir)}`);
  const newest = listPastRuns(runsDir)[0];
  if (newest) pointLatest(runsDir, newest.run);
  else rmSync(join(runsDir, 'latest'), { force: true });
  if (json) console.log(jsonText({ removed: runs.map(({ run }) => run), trash: bag.dir }, 2));
  else {
    console.log(`moved to the trash: ${runs.map(({ name }) => name).join(', ')}`);
    console.log(`restore: ${calledAs()} gc --undo`);
  }
  return 0;
}
