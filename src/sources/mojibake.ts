import { isUtf8 } from 'node:buffer';

export interface Mended {
  text: string;
  /** `failed`: it has characters that could be mojibake but are no UTF-8 when read as bytes, e.g. a name that was right all along */
  outcome: 'repaired' | 'untouched' | 'failed';
}

/**
 * Facebook writes every byte of the UTF-8 form as a character U+0000–U+00FF. Only a string that is wholly of such characters, and whose bytes
 * are strictly UTF-8, is read again; pure ASCII and strings with any character above U+00FF (newer exports) stay.
 */
export function mendMojibake(text: string): Mended {
  if (!HIGH.test(text) || BEYOND_BYTES.test(text)) return { text, outcome: 'untouched' };
  const bytes = Buffer.from(text, 'latin1'); // node's latin1 is the code units as bytes; TextDecoder's would be windows-1252
  return isUtf8(bytes) ? { text: bytes.toString('utf8'), outcome: 'repaired' } : { text, outcome: 'failed' };
}

const HIGH = /[^\x00-\x7f]/;
const BEYOND_BYTES = /[^\x00-\xff]/;
