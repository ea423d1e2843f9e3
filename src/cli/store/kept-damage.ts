import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { damagedSteps } from '../../../stages/train/state.ts';
import { isIntactPack, packNames } from '../../artifacts/parts/pack.ts';
import { stepFolder } from '../../artifacts/checkpoint/training-state.ts';
import type { Damage } from '../../gc/verify.ts';
import { holdersOf } from '../../process/lock.ts';
import { readJson } from '../../files/read-file.ts';
import type { Key } from '../../pipeline/plan/key.ts';
import { lockDir, partsDir, workDir } from '../../store/store.ts';
import type { StageSpec } from '../../store/spec.ts';
import type { Store } from '../../store/store.ts';

/**
 * Reads what stages keep in formats with checksums of their own: the cached parts, and the checkpoints of unfinished
 * trainings that no process is working on. What programs keep in {scratch} has no checksums.
 */
export async function keptDamage(store: Store): Promise<Damage[]> {
  const damages = packNames(partsDir(store)).flatMap((name): Damage[] =>
    isIntactPack(join(partsDir(store), name))
      ? []
      : [{ room: 'parts', name, file: null, what: 'is damaged; its input files will be read again', keys: [] }],
  );
  for (const key of unfinishedTrainings(store)) {
    const scratchDir = join(workDir(store, key), 'scratch');
    const steps = await damagedSteps(scratchDir);
    if (holdersOf(lockDir(store, key)).length > 0) continue; // it changed while we were reading
    for (const step of steps)
      damages.push({
        room: 'work',
        name: `${key}/scratch/checkpoints/${stepFolder(step)}`,
        file: null,
        what: 'is damaged; the training will resume from an earlier checkpoint or start again',
        keys: [],
      });
  }
  return damages;
}

// ---------------------------------------------------------------------------

function unfinishedTrainings(store: Store): Key[] {
  try {
    const keys = readdirSync(join(store.dir, 'work')) as Key[];
    return keys.filter((key) => isTraining(store, key) && holdersOf(lockDir(store, key)).length === 0).sort();
  } catch {
    return []; // not a folder
  }
}

/** A program may use the same names in its scratch folder for something else. */
const isTraining = (store: Store, key: Key): boolean =>
  readJson<Partial<StageSpec>>(join(workDir(store, key), 'spec.json'))?.kind === 'train';
