import { randomBytes } from 'node:crypto';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { openFileWriter, type FileWriter } from '../../files/file-writer.ts';
import { PACK, endOfPack, sha256, type PackedPart } from './pack.ts';

/** Never throws: after a write error, nothing more is written and there will be no pack. */
export interface PackWriter {
  /** Returns the new size of the pack. */
  append(name: string, content: Uint8Array[]): number;
  /** Gives the pack its name and, if `usedMs` is given, the time of its last use. Returns false if there is no pack. */
  close(usedMs?: number): boolean;
}

/** Leftovers of a killed process are deleted by the sweep. */
export function openPackWriter(dir: string): PackWriter {
  const path = join(dir, `${randomBytes(16).toString('hex')}${PACK}`);
  const parts = new Map<string, PackedPart>();
  let file = openNew(dir, path);
  const attempt = (act: (file: FileWriter) => void): boolean => {
    if (file === null) return false;
    try {
      act(file);
      return true;
    } catch {
      file.abandon();
      file = null;
      return false;
    }
  };
  return {
    append(name, content) {
      const whole = Buffer.concat(content);
      const offset = file?.bytes ?? 0;
      if (!parts.has(name) && attempt((to) => to.write(whole)))
        parts.set(name, { offset, bytes: whole.length, sha256: sha256(whole) });
      return file?.bytes ?? 0;
    },
    close(usedMs) {
      const closed = attempt((to) => {
        to.write(endOfPack(parts));
        to.close();
      });
      file = null;
      if (closed && usedMs !== undefined) setTime(path, usedMs);
      return closed;
    },
  };
}

// ---------------------------------------------------------------------------

function openNew(dir: string, path: string): FileWriter | null {
  try {
    mkdirSync(dir, { recursive: true });
    return openFileWriter(path);
  } catch {
    return null;
  }
}

function setTime(path: string, usedMs: number): void {
  try {
    utimesSync(path, usedMs / 1000, usedMs / 1000);
  } catch {
    // another process deleted the pack; the time only decides when that happens
  }
}
