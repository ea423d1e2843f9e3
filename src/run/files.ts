import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';

/** Writes a small file so that its final name never shows half of it, also after a power cut. */
export function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const aside = besideName(path);
  const file = openSync(aside, 'wx');
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  syncDir(dirname(path));
}

/** The JSON in a file, or null if it is missing or not whole: to the store, both are a miss. */
export function readJson<T>(path: string): T | null {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** Points a symbolic link somewhere else without a moment in which it is missing. */
export function pointLink(linkPath: string, target: string): void {
  mkdirSync(dirname(linkPath), { recursive: true });
  const aside = besideName(linkPath);
  symlinkSync(target, aside);
  renameSync(aside, linkPath);
}

/** Makes the names in a folder durable. */
export function syncDir(dir: string): void {
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a folder and everything in it durable. */
export function syncTree(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) syncTree(path);
    else syncDir(path);
  }
  syncDir(dir);
}

function besideName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.aside`;
}
