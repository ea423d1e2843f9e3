import { isUtf8 } from 'node:buffer';
import type { Tally } from '../tally.ts';

export interface MojibakeRepair {
  text: string;
  /**
   * `failed`: it has characters that could be mojibake but are not valid UTF-8 when read as bytes, such as a name that
   * was correct all along
   */
  outcome: 'repaired' | 'untouched' | 'failed';
}

/**
 * Facebook writes each byte of a string's UTF-8 form as a character U+0000–U+00FF. A string is decoded again only if it
 * consists entirely of such characters and their bytes are valid UTF-8. Pure ASCII and strings with any character above
 * U+00FF (newer exports) stay unchanged.
 */
export function repairMojibake(text: string): MojibakeRepair {
  if (!HIGH.test(text) || BEYOND_BYTES.test(text)) return { text, outcome: 'untouched' };
  // Node's latin1 maps code units to bytes; TextDecoder's latin1 is windows-1252.
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), outcome: 'repaired' } : { text, outcome: 'failed' };
}

/**
 * Returns a function that repairs a string and counts the outcome. Short strings such as names are cached, which also
 * keeps only one copy in memory.
 */
export function mojibakeRepairer(tally: Tally): (text: string) => string {
  const names = new Map<string, ReturnType<typeof repairMojibake>>();
  return (text) => {
    const repair = names.get(text) ?? repairMojibake(text);
    if (text.length <= LONGEST_NAME && names.size < MOST_NAMES) names.set(text, repair);
    tally.mojibake[repair.outcome]++;
    rememberRepair(tally.mended, text, repair);
    return repair.text;
  };
}

/** Keeps the first few distinct strings. */
export function rememberRepair(
  { repaired, failed }: Tally['mended'],
  was: string,
  { text, outcome }: MojibakeRepair,
): void {
  if (outcome === 'repaired' && repaired.length < REMEMBERED && !repaired.some(([known]) => known === was))
    repaired.push([was, text]);
  if (outcome === 'failed' && failed.length < REMEMBERED && !failed.includes(was)) failed.push(was);
}

const REMEMBERED = 12;
const HIGH = /[^\x00-\x7f]/;
const BEYOND_BYTES = /[^\x00-\xff]/;
const LONGEST_NAME = 80;
const MOST_NAMES = 5000;
