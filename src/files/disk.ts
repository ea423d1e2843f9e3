import { chmodSync, closeSync, fsyncSync, linkSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { move } from './move.ts';
import { removeTree } from './remove-tree.ts';

/**
 * All operations with which the store changes the disk. Tests pass their own implementation, to make any operation fail
 * or write only part of the data, or to simulate a killed process or a power cut.
 */
export interface Disk {
  makeDir(path: string): void;
  /** `wx` creates a file that must not exist; `r` opens a file or folder to sync it */
  open(path: string, flags: 'wx' | 'r'): number;
  /** returns the number of bytes written, which may be less than given */
  write(file: number, bytes: Uint8Array): number;
  sync(file: number): void;
  close(file: number): void;
  /** across disks too */
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  setMode(path: string, mode: number): void;
  /** removes a file or a whole folder; it is not an error if it does not exist */
  remove(path: string): void;
}

export const realDisk: Disk = {
  makeDir: (path) => void mkdirSync(path, { recursive: true }),
  open: (path, flags) => openSync(path, flags),
  write: (file, bytes) => writeSync(file, bytes),
  sync: (file) => fsyncSync(file),
  close: (file) => closeSync(file),
  rename: (from, to) => move(from, to),
  link: (from, to) => linkSync(from, to),
  setMode: (path, mode) => chmodSync(path, mode),
  remove: (path) => removeTree(path),
};
