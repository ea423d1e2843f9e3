import { closeSync, utimesSync } from 'node:fs';
import { mergePacks } from './merge-packs.ts';
import { openPackWriter, type PackWriter } from './pack-writer.ts';
import { openPacks, readPart, sha256, type Pack } from './pack.ts';

/**
 * A cache of results for parts of an input, so that a change in one part does not recompute the others. The name of a
 * result is the sha256 of everything it depends on. Each process writes its results to a pack (`pack.ts`), which gets
 * its name when the process closes it.
 *
 * The cache only saves time: a missing, damaged or incomplete part is a miss. So nothing is flushed to disk, any number
 * of processes can share a folder, and it can be deleted at any moment. Packs that have not been used for a long time
 * are deleted when a stage ends (`src/store/sweep-parts.ts`). Small packs are merged, so that opening a folder takes no
 * longer after a thousand runs.
 */
export interface Parts {
  /** Returns the content, which the caller may change, or null. */
  find(name: string): Buffer | null;
  /** Copies and stores the content. Never throws: a write error only means a miss later on. */
  keep(name: string, content: Uint8Array[]): void;
  /** Makes the stored content available to others. Never throws. */
  close(): void;
}

/** Null without a folder: then everything is recomputed. Only names and locations are in memory, not the contents. */
export function openParts(dir: string | undefined, mostPackBytes = MOST_PACK_BYTES): Parts | null {
  if (dir === undefined) return null;
  const packs = openPacks(dir); // stay open, so that deleting or merging them in the meantime has no effect here
  const packOf = new Map<string, Pack>();
  for (const pack of packs) for (const name of pack.parts.keys()) packOf.set(name, pack);
  const used = new Set<Pack>();
  let writer: PackWriter | null = null;
  return {
    find(name) {
      const pack = packOf.get(name);
      const content = pack ? readPart(pack, name) : null;
      if (content !== null) used.add(pack!);
      return content;
    },
    keep(name, content) {
      writer ??= openPackWriter(dir);
      if (writer.append(name, content) < mostPackBytes) return;
      writer.close();
      writer = null;
    },
    close() {
      for (const { path } of used) touch(path);
      for (const { fd } of packs) closeSync(fd);
      writer?.close();
      mergePacks(dir);
    },
  };
}

/** The name of a result that depends on these values, which must be plain data. */
export function partName(dependencies: unknown): string {
  return sha256(Buffer.from(JSON.stringify(dependencies)));
}

// ---------------------------------------------------------------------------

/** Limited, so that a killed stage does not lose all of its results, and the sweep can delete them bit by bit. */
const MOST_PACK_BYTES = 256e6;

/** Sets the time of a pack, which is that of its last use. */
function touch(path: string): void {
  const now = Date.now() / 1000;
  try {
    utimesSync(path, now, now);
  } catch {
    // deleted in the meantime, or a read-only store
  }
}
