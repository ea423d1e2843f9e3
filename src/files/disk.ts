import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/**
 * Every operation by which the store changes a disk, one function each. The one seam: a test hands in its own to let
 * any of them fail, write short, be the last before the process dies, or be lost in a power cut.
 */
export interface Disk {
  makeDir(path: string): void;
  /** a file that must not exist yet (`wx`), or anything to be made durable (`r`) */
  open(path: string, flags: 'wx' | 'r'): number;
  /** may write less than it was given, and says how much */
  write(file: number, bytes: Uint8Array): number;
  sync(file: number): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  setMode(path: string, mode: number): void;
  /** a file or a whole folder; nothing there is no error */
  remove(path: string): void;
}

export const realDisk: Disk = {
  makeDir: (path) => void mkdirSync(path, { recursive: true }),
  open: (path, flags) => openSync(path, flags),
  write: (file, bytes) => writeSync(file, bytes),
  sync: (file) => fsyncSync(file),
  close: (file) => closeSync(file),
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  setMode: (path, mode) => chmodSync(path, mode),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
};
