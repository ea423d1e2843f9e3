import { calledAs } from '../../files/called-as.ts';
import { join, relative } from 'node:path';
import { repairStore } from '../../gc/repair.ts';
import { counted } from '../../numbers/counted.ts';
import { bytesText } from '../../store/sizes.ts';
import { openStore } from '../../store/store.ts';
import type { TrashBag } from '../../gc/trash.ts';
import { verifyStore } from '../../gc/verify.ts';
import type { Damage, Verified } from '../../gc/verify.ts';
import { lateProgress } from '../load/late-progress.ts';
import { privateRunsDirectory } from '../runs-directory.ts';
import { keptDamage } from './kept-damage.ts';
import { coloursFor } from '../screen/style.ts';
import { jsonText } from '../screen/printable.ts';

/**
 * `runner verify [--repair]`: checks every byte of the results against their digests. Exit code 1 if something is
 * damaged and was not repaired.
 */
export async function verify({ repair, json }: { repair: boolean; json: boolean }): Promise<number> {
  const store = openStore(join(privateRunsDirectory(), 'store'));
  const progress = lateProgress(process.stderr);
  const sealed = await verifyStore(store, (done, total) => progress.update('reading the store', done, total));
  const verified = { ...sealed, damages: [...sealed.damages, ...(await keptDamage(store))] };
  progress.close();
  const bag = repair && verified.damages.length ? repairStore(store, verified.damages) : null;
  if (json) console.log(jsonText(verifyJson(verified, bag), 2));
  else for (const line of verifyLines(verified, bag)) console.log(line);
  return verified.damages.length && !bag ? 1 : 0;
}

// ---------------------------------------------------------------------------

/** `{ ok, artifacts, entries, files, bytes, damages: [{ room, name, file, what, keys }], movedTo }` */
function verifyJson(verified: Verified, bag: TrashBag | null): object {
  return { ok: verified.damages.length === 0, ...verified, movedTo: bag?.dir ?? null };
}

function verifyLines({ artifacts, entries, files, bytes, damages }: Verified, bag: TrashBag | null): string[] {
  const colours = coloursFor(process.stdout);
  const read = `${counted(artifacts, 'artifact')}, ${counted(files, 'file')}, ${bytesText(bytes)}; ${counted(entries, 'result')}`;
  if (damages.length === 0) return [`${colours.green('intact')}  ${read}`];
  const due = new Set(damages.flatMap(({ keys }) => keys)).size;
  const head = `${colours.red('damaged')}  ${damages.length} of ${read}`;
  const lines = damages.map((damage) => `  ${locationText(damage)} ${damage.what}`);
  const end = bag
    ? [
        `moved to ${relative(process.cwd(), bag.dir)}; ${counted(due, 'result')} will be computed again`,
        'next: run the pipeline again',
      ]
    : [
        `move the damaged files to the trash, so that the next run computes ${counted(due, 'result')} again:`,
        `next: ${calledAs()} verify --repair`,
      ];
  return [head, ...lines, '', ...end];
}

const locationText = ({ room, name, file }: Damage): string => [room, name, ...(file === null ? [] : [file])].join('/');
