import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What was made of a part of some input, so that a change elsewhere in it does not make that anew: a file named by the sha256 of all that
 * it depends on.
 *
 *     32 bytes  sha256 of all that follows
 *     32 bytes  its name
 *     the content
 *
 * It only saves time: missing, damaged, half-written or under a wrong name it is a miss. So nothing waits for the disk, any number of
 * processes may share a folder, and it may be deleted at any moment. What was not used for long is swept when a stage ends
 * (`src/run/sweep-parts.ts`).
 */
export interface Parts {
  find(name: string): Promise<Buffer | null>;
  /** The content is copied at once. Never throws: a disk that refuses means a miss later on. */
  keep(name: string, content: Uint8Array[]): Promise<void>;
}

/** Null where there is no such folder: then all is made anew. */
export function openParts(dir: string | undefined): Parts | null {
  if (dir === undefined) return null;
  const known = new Set(namesIn(dir)); // asking the disk for each that is not there would take longer
  return {
    async find(name) {
      const bytes = known.has(name) ? readUsed(join(dir, name)) : null;
      if (bytes === null || bytes.length < HEAD_BYTES) return null;
      const whole = bytes.toString('hex', 0, SUM_BYTES) === (await sha256(bytes.subarray(SUM_BYTES)));
      return whole && bytes.toString('hex', SUM_BYTES, HEAD_BYTES) === name ? bytes.subarray(HEAD_BYTES) : null;
    },
    async keep(name, content) {
      const body = Buffer.concat([Buffer.from(name, 'hex'), ...content]);
      await writeAside(dir, name, [Buffer.from(await sha256(body), 'hex'), body]);
      known.add(name);
    },
  };
}

/** `of`: plain data. */
export function partName(of: unknown): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('hex');
}

/** Beside this thread. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

const SUM_BYTES = 32;
const HEAD_BYTES = 64;
const DAY_MS = 86_400_000;

/** The time of the last use is that of the file, to a day. */
function readUsed(path: string): Buffer | null {
  try {
    const bytes = readFileSync(path);
    const now = Date.now();
    if (now - statSync(path).mtimeMs > DAY_MS) touch(path, now);
    return bytes;
  } catch {
    return null;
  }
}

function touch(path: string, nowMs: number): void {
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch {
    // a store that can only be read
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

/** On other threads: making a file takes long on some file systems. */
async function writeAside(dir: string, name: string, content: Uint8Array[]): Promise<void> {
  const aside = join(dir, `${name}.${process.pid}-${randomBytes(4).toString('hex')}.aside`);
  try {
    mkdirSync(dir, { recursive: true });
    await writeFile(aside, content, { flag: 'wx' });
    await rename(aside, join(dir, name));
  } catch {
    await rm(aside, { force: true }).catch(() => {});
  }
}
