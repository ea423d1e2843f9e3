import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';

/** Appends a line to a file, or nothing at all if the disk is full. The file is created if it does not exist. */
export function appendLine(path: string, line: string): void {
  const file = openSync(path, 'a');
  try {
    appendWhole(file, `${line}\n`);
  } finally {
    closeSync(file);
  }
}

/** Appends a text to an open file, or nothing at all if the disk is full. */
export function appendWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  const before = fstatSync(file).size;
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
  } catch (error) {
    ftruncateSync(file, before);
    throw error;
  }
}
