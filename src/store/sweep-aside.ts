import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY_SUFFIX } from '../files/temporary-name.ts';

/** A temporary file lives for milliseconds, a copy of a large folder for minutes. */
const MAX_AGE_MS = 3_600_000;

/** Deletes what killed processes left in the folders that all runs write to; quick, for every run. */
export function sweepShared(runsDir: string, nowMs = Date.now()): void {
  sweep(sharedFolders(runsDir), nowMs);
}

/** Deletes what killed processes left anywhere in the store and in the folders of runs. */
export function sweepAside(runsDir: string, nowMs = Date.now()): void {
  sweep([...sharedFolders(runsDir), ...otherFolders(runsDir)], nowMs);
}

/** Deletes all temporary files of a folder that no other process writes to. */
export function sweepOwn(dir: string): void {
  sweep([dir], Infinity);
}

// ---------------------------------------------------------------------------

/** Never throws: another process may sweep at the same moment. */
function sweep(dirs: string[], nowMs: number): void {
  for (const dir of dirs)
    for (const name of namesIn(dir)) if (name.endsWith(TEMPORARY_SUFFIX)) removeIfOld(join(dir, name), nowMs);
}

const sharedFolders = (runsDir: string): string[] => [
  runsDir,
  ...['last', 'stats', 'stats/manifests'].map((folder) => join(runsDir, 'store', folder)),
];

function otherFolders(runsDir: string): string[] {
  const store = join(runsDir, 'store');
  const below = (dir: string): string[] => namesIn(dir).map((name) => join(dir, name));
  return [
    ...below(runsDir),
    ...below(runsDir).map((run) => join(run, 'stages')),
    ...['artifacts', 'trash'].map((folder) => join(store, folder)),
    ...['keys', 'work'].flatMap((folder) => below(join(store, folder))),
  ];
}

function removeIfOld(path: string, nowMs: number): void {
  try {
    if (nowMs - lstatSync(path).mtimeMs > MAX_AGE_MS) rmSync(path, { recursive: true, force: true });
  } catch {
    // it has just been renamed or removed
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return []; // not a folder, or removed
  }
}
