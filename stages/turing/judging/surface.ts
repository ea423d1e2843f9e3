import type { ShownText } from '../real/shown.ts';

/** Buckets of the hashed runs of 1 to 3 characters. */
const BUCKETS = 4096;

/** What a text looks like, whatever was said before it: runs of characters, and counts of its shape, as logarithms. */
export function surfaceOf(lines: readonly ShownText[]): Float64Array {
  const text = lines.map((line) => `${line.text}\n`).join('');
  const characters = [...text];
  const counts = new Float64Array(BUCKETS + SHAPES.length);
  for (let length = 1; length <= 3; length++)
    for (let i = 0; i + length <= characters.length; i++) {
      const bucket = bucketOf(characters.slice(i, i + length).join(''));
      counts[bucket]!++;
    }
  counts.set([lines.length, ...SHAPES.slice(1).map((pattern) => text.match(pattern!)?.length ?? 0)], BUCKETS);
  return counts.map(Math.log1p);
}

// ---------------------------------------------------------------------------

/** The first is the number of lines. */
const SHAPES = [
  null,
  /\S+/gu,
  /\p{Lu}/gu,
  /\p{Nd}/gu,
  /\p{P}/gu,
  /\p{Extended_Pictographic}/gu,
  /⟨\w+⟩/gu,
  /[.!?]\n/gu,
  /^\p{Lu}/gmu,
];

/** FNV-1a */
function bucketOf(run: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < run.length; i++) hash = Math.imul(hash ^ run.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
}
