/**
 * The original's hash, by which the last word of an input chooses a form of MEMORY: the middle `bits` bits of a square.
 * The machine kept six characters of six bits in a word of memory, so only the last such chunk of `word` counts.
 */
export function hash(word: string, bits: number): number {
  const characters = [...word];
  const start = Math.max(0, Math.ceil(characters.length / 6) - 1) * 6;
  let chunk = 0n;
  for (let i = start; i < start + 6; i++) chunk = (chunk << 6n) | BigInt(codeOf(characters[i] ?? ' '));
  const d = chunk & ((1n << 35n) - 1n);
  return Number(((d * d) >> BigInt(35 - Math.floor(bits / 2))) & ((1n << BigInt(bits)) - 1n));
}

/** The IBM 7094's six-bit codes, in rows of sixteen. NUL marks those that no character here has. */
const CODES = ["0123456789\0='\0\0\0", '+ABCDEFGHI\0.)\0\0\0', '-JKLMNOPQR\0$*\0\0\0', ' /STUVWXYZ\0,(\0\0\0'].join('');
const BLANK = CODES.indexOf(' ');

/** A character that the machine does not have counts as a blank. */
function codeOf(character: string): number {
  const code = character === '\0' ? -1 : CODES.indexOf(character);
  return code < 0 ? BLANK : code;
}
