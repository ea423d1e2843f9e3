import { sha256Of } from './sha256.ts';

/**
 * A JSON object on a line that ends in `,"sum":"xxxxxxxx"}`: the first 8 hex digits of the SHA-256 of the same object
 * without `sum`. So a reader knows a torn write or a bad block from a line. `object` is JSON of an object that is not
 * empty. The line comes without its newline.
 */
export const summedLine = (object: string): string => `${object.slice(0, -1)},"sum":"${sumOf(object)}"}`;

/** The JSON of the object without its sum, and the sum; null if the line is not what was written. */
export function readSummedLine(line: string): { object: string; sum: string } | null {
  const match = /^(\{.*),"sum":"([0-9a-f]{8})"\}$/s.exec(line);
  const object = `${match?.[1] ?? ''}}`;
  return match?.[2] === sumOf(object) ? { object, sum: match[2] } : null;
}

const sumOf = (object: string): string => sha256Of(object).slice(0, 8);
