import { join, relative } from 'node:path';
import { repairStore } from '../../gc/repair.ts';
import { bytesText } from '../../store/sizes.ts';
import { openStore } from '../../store/store.ts';
import type { TrashBag } from '../../gc/trash.ts';
import { verifyStore } from '../../gc/verify.ts';
import type { Damage, Verified } from '../../gc/verify.ts';
import { lateProgress } from '../load/late-progress.ts';
import { runsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';

/**
 * `runner verify [--repair]`: every byte of the store against its digest. Exit code 1 if something is damaged and stays
 * so.
 */
export async function verify({ repair, json }: { repair: boolean; json: boolean }): Promise<number> {
  const store = openStore(join(runsDirectory(), 'store'));
  const progress = lateProgress(process.stderr);
  const verified = await verifyStore(store, (done, total) => progress.tell('reading the store', done, total));
  progress.close();
  const bag = repair && verified.damages.length ? repairStore(store, verified.damages) : null;
  if (json) console.log(JSON.stringify(verifyJson(verified, bag), null, 2));
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
  const read = `${artifacts} artifacts, ${files} files, ${bytesText(bytes)}; ${entries} entries`;
  if (damages.length === 0) return [`${colours.green('whole')}  ${read}`];
  const due = new Set(damages.flatMap(({ keys }) => keys)).size;
  const head = `${colours.red('damaged')}  ${damages.length} of ${read}`;
  const lines = damages.map((damage) => `  ${placeOf(damage)} ${damage.what}`);
  const end = bag
    ? [
        `moved to ${relative(process.cwd(), bag.dir)}; ${due} entries are due again`,
        'next: run the pipeline again, it makes what is missing',
      ]
    : [`next: ./runner verify --repair  moves it aside and makes ${due} entries due`];
  return [head, ...lines, '', ...end];
}

const placeOf = ({ room, name, file }: Damage): string => [room, name, ...(file === null ? [] : [file])].join('/');
