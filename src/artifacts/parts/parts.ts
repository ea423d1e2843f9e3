import { closeSync, utimesSync } from 'node:fs';
import { mergePacks } from './merge-packs.ts';
import { openPackWriter, type PackWriter } from './pack-writer.ts';
import { openPacks, readPart, sha256, type Pack } from './pack.ts';

/**
 * What was made of a part of some input, so that a change elsewhere in it does not make that anew. A part is named by
 * the sha256 of all that it depends on; what one process keeps lies in a pack (`pack.ts`) that is written aside and
 * gets its name when the process closes it.
 *
 * It only saves time: missing, damaged, half-written or doubtful, a part is a miss. So nothing waits for the disk, any
 * number of processes may share a folder, and it may be deleted at any moment. What was not used for long is swept when
 * a stage ends (`src/store/sweep-parts.ts`); small packs are merged, so that opening a folder takes no longer after a
 * thousand runs.
 */
export interface Parts {
  /** The content is the caller's own. */
  find(name: string): Buffer | null;
  /** The content is copied. Never throws: a disk that refuses means a miss later on. */
  keep(name: string, content: Uint8Array[]): void;
  /** Only now others find what was kept. Never throws. */
  close(): void;
}

/** Null where there is no such folder: then all is made anew. In memory are names and places, no contents. */
export function openParts(dir: string | undefined, mostPackBytes = MOST_PACK_BYTES): Parts | null {
  if (dir === undefined) return null;
  const packs = openPacks(dir); // held open: whoever sweeps or merges meanwhile takes nothing away
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

/** `of`: plain data. */
export function partName(of: unknown): string {
  return sha256(Buffer.from(JSON.stringify(of)));
}

// ---------------------------------------------------------------------------

/** What is kept of a long stage is not lost altogether if it is killed, and swept bit by bit. */
const MOST_PACK_BYTES = 256e6;

/** The time of a pack is that of its last use. */
function touch(path: string): void {
  const now = Date.now() / 1000;
  try {
    utimesSync(path, now, now);
  } catch {
    // swept meanwhile, or a store that can only be read
  }
}
