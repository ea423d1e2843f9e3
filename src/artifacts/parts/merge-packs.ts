import { closeSync, fstatSync, rmSync } from 'node:fs';
import { openPackWriter } from './pack-writer.ts';
import { openPacks, packNames, readPart, type Pack } from './pack.ts';

export interface Merging {
  /** with more packs than this, small ones are merged */
  mostPacks?: number;
  /** maximum size of the merged pack; large packs are not merged, because copying them takes time */
  mostBytes?: number;
}

/** Merges the smallest packs if there are too many, since every run after a small change adds one. Never throws. */
export function mergePacks(dir: string, { mostPacks = 24, mostBytes = 128e6 }: Merging = {}): void {
  if (packNames(dir).length <= mostPacks) return;
  const packs = openPacks(dir);
  const small = smallest(packs, mostBytes);
  if (small.length > 1 && copyInto(dir, small)) for (const { path } of small) removeQuietly(path);
  for (const { fd } of packs) closeSync(fd);
}

// ---------------------------------------------------------------------------

function smallest(packs: Pack[], mostBytes: number): Pack[] {
  let left = mostBytes;
  return [...packs].sort((a, b) => a.bytes - b.bytes).filter(({ bytes }) => (left -= bytes) >= 0);
}

/** If two processes do this at once, there are two copies, one of which falls out of use. */
function copyInto(dir: string, packs: Pack[]): boolean {
  const writer = openPackWriter(dir);
  for (const pack of packs) {
    for (const name of pack.parts.keys()) {
      const content = readPart(pack, name);
      if (content) writer.append(name, [content]);
    }
  }
  return writer.close(Math.max(...packs.map(({ fd }) => fstatSync(fd).mtimeMs)));
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // the sweep will delete it, because nothing in it is used any more
  }
}
