import { isUtf8 } from 'node:buffer';
import type { Tally } from '../tally.ts';

export interface Mended {
  text: string;
  /**
   * `failed`: it has characters that could be mojibake but are no UTF-8 when read as bytes, e.g. a name that was right
   * all along
   */
  outcome: 'repaired' | 'untouched' | 'failed';
}

/**
 * Facebook writes every byte of the UTF-8 form as a character U+0000–U+00FF. Only a string that is wholly of such
 * characters, and whose bytes are strictly UTF-8, is read again; pure ASCII and strings with any character above U+00FF
 * (newer exports) stay.
 */
export function mendMojibake(text: string): Mended {
  if (!HIGH.test(text) || BEYOND_BYTES.test(text)) return { text, outcome: 'untouched' };
  const bytes = Buffer.from(text, 'latin1'); // node's latin1 is the code units as bytes; TextDecoder's would be windows-1252
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), outcome: 'repaired' } : { text, outcome: 'failed' };
}

/**
 * Mends every string and counts; a name that was met before is the same string again, which also keeps it once in
 * memory.
 */
export function mending(tally: Tally): (text: string) => string {
  const names = new Map<string, ReturnType<typeof mendMojibake>>();
  return (text) => {
    const mended = names.get(text) ?? mendMojibake(text);
    if (text.length <= LONGEST_NAME && names.size < MOST_NAMES) names.set(text, mended);
    tally.mojibake[mended.outcome]++;
    rememberMended(tally.mended, text, mended);
    return mended.text;
  };
}

/** The first few different ones. */
export function rememberMended({ repaired, failed }: Tally['mended'], was: string, { text, outcome }: Mended): void {
  if (outcome === 'repaired' && repaired.length < REMEMBERED && !repaired.some(([known]) => known === was))
    repaired.push([was, text]);
  if (outcome === 'failed' && failed.length < REMEMBERED && !failed.includes(was)) failed.push(was);
}

const REMEMBERED = 12;
const HIGH = /[^\x00-\x7f]/;
const BEYOND_BYTES = /[^\x00-\xff]/;
const LONGEST_NAME = 80;
const MOST_NAMES = 5000;
