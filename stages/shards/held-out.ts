import { createHash } from 'node:crypto';
import { littleEndian } from '../../src/artifacts/tokens/shards.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';

/** Which ids of a stream are held out. */
export type HeldOut =
  | { kind: 'none' }
  /** documents whose position is below the bound; one position for each document */
  | { kind: 'documents'; positions: number[]; bound: number }
  /** the end of the stream, from this id on; used if all documents are identical or there is only one */
  | { kind: 'tail'; from: number };

export interface Survey {
  add(ids: Uint16Array): void;
  /** Holds out about this share of the documents: at least one and not all, if two of them differ. */
  heldOut(share: number): HeldOut;
}

/**
 * A first pass over the stream. A document's position in [0, 1) is 48 bits of a hash of the seed and its ids, so
 * identical documents go to the same split and other documents do not affect it. Empty documents stay in train: a loss
 * on them would mean nothing.
 */
export function newSurvey(seed: number): Survey {
  const positions: number[] = [];
  let tokens = 0;
  let empty = true;
  let hash = createHash('sha256').update(`${seed}\n`);
  const end = (): void => {
    positions.push(empty ? IN_TRAIN : hash.digest().readUIntBE(0, 6) / 2 ** 48);
    if (!empty) hash = createHash('sha256').update(`${seed}\n`);
    empty = true;
  };
  return {
    add(ids) {
      tokens += ids.length;
      for (const { part, ends } of cutAtSeparators(ids)) {
        const inside = ends ? part.subarray(0, -1) : part;
        if (inside.length > 0) hash.update(littleEndian(inside));
        empty &&= inside.length === 0;
        if (ends) end();
      }
    },
    heldOut: (share) => heldOutOf(positions, tokens, share),
  };
}

/** Returns a function that takes the stream, chunk by chunk, and appends each part to its split. */
export function router(
  heldOut: HeldOut,
  append: (split: SplitName, ids: Uint16Array) => void,
): (ids: Uint16Array) => void {
  let document = 0;
  let offset = 0;
  switch (heldOut.kind) {
    case 'none':
      return (ids) => append('train', ids);
    case 'documents':
      return (ids) => {
        for (const { part, ends } of cutAtSeparators(ids)) {
          append(heldOut.positions[document]! < heldOut.bound ? 'validation' : 'train', part);
          if (ends) document++;
        }
      };
    case 'tail':
      return (ids) => {
        const cut = Math.min(Math.max(0, heldOut.from - offset), ids.length);
        if (cut > 0) append('train', ids.subarray(0, cut));
        if (cut > 0 && offset + cut === heldOut.from && ids[cut - 1] !== SEPARATOR)
          append('train', Uint16Array.of(SEPARATOR));
        if (cut < ids.length) append('validation', ids.subarray(cut));
        offset += ids.length;
      };
  }
}

// -----------------------------------------------------------------------------------------------------------

const { separator: SEPARATOR } = defaultTokenizer;

/** a position above every bound */
const IN_TRAIN = 1;

function heldOutOf(positions: number[], tokens: number, share: number): HeldOut {
  let least = Infinity;
  let greatest = -Infinity;
  for (const position of positions) {
    if (position === IN_TRAIN) continue;
    least = Math.min(least, position);
    greatest = Math.max(greatest, position);
  }
  if (share === 0 || greatest === -Infinity) return { kind: 'none' };
  if (least === greatest) return tailOf(tokens, share);
  const bound = least < share ? share : least + 2 ** -48;
  return { kind: 'documents', positions, bound: Math.min(bound, greatest) };
}

/** At least one id and its separator on each side. */
function tailOf(tokens: number, share: number): HeldOut {
  const heldOut = Math.max(2, Math.round(share * tokens));
  return tokens - heldOut < 1 ? { kind: 'none' } : { kind: 'tail', from: tokens - heldOut };
}

/** Cuts after each separator. */
function* cutAtSeparators(ids: Uint16Array): Generator<{ part: Uint16Array; ends: boolean }> {
  for (let start = 0; start < ids.length;) {
    const separator = ids.indexOf(SEPARATOR, start);
    const end = separator < 0 ? ids.length : separator + 1;
    yield { part: ids.subarray(start, end), ends: separator >= 0 };
    start = end;
  }
}
