import { randomBytes } from 'node:crypto';
import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { openFileWriter, type FileWriter } from '../../files/file-writer.ts';
import { PACK, endOfPack, sha256, type PackedPart } from './pack.ts';

/** Never throws: once the disk has refused, nothing more is written and there will be no pack. */
export interface PackWriter {
  /** Says how large the pack is now. */
  append(name: string, content: Uint8Array[]): number;
  /** The pack gets its name and, if told, the time of its last use. False if there is none. */
  close(usedMs?: number): boolean;
}

/** What a killed process leaves behind is swept. */
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
      const at = file?.bytes ?? 0;
      if (!parts.has(name) && attempt((to) => to.write(whole)))
        parts.set(name, { at, bytes: whole.length, sha256: sha256(whole) });
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
    // swept by another process: the time only decides when that happens
  }
}
