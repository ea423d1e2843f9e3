/** Integers below `bound`, always the same for a seed (mulberry32). */
export type Random = (bound: number) => number;

export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** Adds one to four faults, of the kinds that disks, downloads, editors and attackers cause. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let mutated: Buffer = Buffer.from(bytes);
  for (let faults = 1 + random(4); faults > 0; faults--) mutated = FAULTS[random(FAULTS.length)]!(mutated, random);
  return mutated;
}

/** Changes one byte to another value. */
export function flipByte(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  const flipped = Buffer.from(bytes);
  const index = random(bytes.length);
  flipped[index] = flipped[index]! ^ (1 + random(255));
  return flipped;
}

type Fault = (bytes: Buffer, random: Random) => Buffer;

/** Strings with a special meaning to some reader. */
const TOKENS = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\n',
  '\r\n',
  '\0',
  '\ufeff',
  '\u2028',
  '<',
  '>',
  '</div>',
  '<div class="_a6-h">',
  '&#0;',
  '&amp',
  '<!--',
  '<![CDATA[',
  '\t',
  ';',
  '""',
  '"\n',
  '1e999',
  '-0',
  'null',
  '{"messages":[',
  '"messages":',
  'PK\x03\x04',
  'PK\x01\x02',
  '../',
  '[12/31/19, 11:59:59 PM] ',
  '__proto__',
  '"__proto__":{},',
  'Oct 19, 2019, 2:37 PM',
  '\u202e',
  '👍'.repeat(50),
];

const FAULTS: Fault[] = [
  flipByte,
  flipByte,
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random(bytes.length + 1)),
  (bytes, random) => splice(bytes, random, () => Buffer.alloc(0)),
  (bytes, random) => splice(bytes, random, (slice) => Buffer.concat([slice, slice])),
  (bytes, random) => splice(bytes, random, (slice) => Buffer.from(slice).reverse()),
  (bytes, random) => splice(bytes, random, (slice) => Buffer.alloc(slice.length, random(3) === 0 ? 0xff : 0)),
  (bytes, random) => splice(bytes, random, (slice) => Buffer.from(slice.map(() => random(256)))),
  (bytes, random) => insert(bytes, random, Buffer.from(TOKENS[random(TOKENS.length)]!)),
  (bytes, random) => insert(bytes, random, Buffer.from(TOKENS[random(TOKENS.length)]!)),
  (bytes, random) => insert(bytes, random, Buffer.from(TOKENS[random(TOKENS.length)]!.repeat(1 + random(200)))),
  (bytes, random) => (random(4) === 0 ? Buffer.from(bytes.toString('utf8'), 'utf16le') : bytes),
  (bytes, random) => (random(4) === 0 ? Buffer.from(bytes.toString('utf8'), 'latin1') : bytes),
];

function splice(bytes: Buffer, random: Random, change: (slice: Buffer) => Buffer): Buffer {
  const start = random(bytes.length + 1);
  const end = Math.min(bytes.length, start + random(random(2) === 0 ? 8 : bytes.length + 1));
  return Buffer.concat([bytes.subarray(0, start), change(bytes.subarray(start, end)), bytes.subarray(end)]);
}

function insert(bytes: Buffer, random: Random, piece: Buffer): Buffer {
  const index = random(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, index), piece, bytes.subarray(index)]);
}
