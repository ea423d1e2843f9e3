import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, renameSync, rmSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { PACK, endOfPack, sha256, type PackedPart } from './pack.ts';

/** Never throws: once the disk has refused, nothing more is written and there will be no pack. */
export interface PackWriter {
  /** Says how large the pack is now. */
  append(name: string, content: Uint8Array[]): number;
  /** The pack gets its name and, if told, the time of its last use. False if there is none. */
  close(usedMs?: number): boolean;
}

/** Writes aside; what a killed process leaves is swept. */
export function openPackWriter(dir: string): PackWriter {
  const id = randomBytes(16).toString('hex');
  const aside = join(dir, `${id}.aside`);
  const parts = new Map<string, PackedPart>();
  let fd = openNew(dir, aside);
  let end = 0;
  const write = (content: Uint8Array): boolean => {
    if (fd === null) return false;
    if (quietly(() => writeAt(fd!, content, end))) {
      end += content.length;
      return true;
    }
    quietly(() => closeSync(fd!));
    quietly(() => rmSync(aside));
    fd = null;
    return false;
  };
  return {
    append(name, content) {
      const whole = Buffer.concat(content);
      const at = end;
      if (!parts.has(name) && write(whole)) parts.set(name, { at, bytes: whole.length, sha256: sha256(whole) });
      return end;
    },
    close(usedMs) {
      if (!write(endOfPack(parts))) return false;
      quietly(() => closeSync(fd!));
      fd = null;
      if (usedMs !== undefined) quietly(() => utimesSync(aside, usedMs / 1000, usedMs / 1000));
      return quietly(() => renameSync(aside, join(dir, `${id}${PACK}`)));
    },
  };
}

// ---------------------------------------------------------------------------

function openNew(dir: string, path: string): number | null {
  try {
    mkdirSync(dir, { recursive: true });
    return openSync(path, 'wx');
  } catch {
    return null;
  }
}

function writeAt(fd: number, content: Uint8Array, at: number): void {
  for (let done = 0; done < content.length;) done += writeSync(fd, content, done, content.length - done, at + done);
}

function quietly(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
