import { createHash } from 'node:crypto';
import { littleEndian } from '../../src/artifacts/tokens/shards.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { defaultTokenizer } from '../../src/tokenizer/identity.ts';

/** Which ids of a stream are held out. */
export type HeldOut =
  | { kind: 'none' }
  /** documents whose place is below the bound; one place for each document */
  | { kind: 'documents'; places: number[]; bound: number }
  /** there is one document, or all are alike: the end of the stream, from this id on */
  | { kind: 'tail'; from: number };

export interface Survey {
  add(ids: Uint16Array): void;
  /** At least one document on each side, where there are two different ones. */
  heldOut(share: number): HeldOut;
}

/**
 * A first way through the stream. A document's place in [0, 1) is 48 bits of a hash of the seed and its ids: the same
 * one is always on one side, and no other moves it. Empty documents stay in train, they would prove nothing.
 */
export function newSurvey(seed: number): Survey {
  const places: number[] = [];
  let tokens = 0;
  let empty = true;
  let hash = createHash('sha256').update(`${seed}\n`);
  const end = (): void => {
    places.push(empty ? IN_TRAIN : hash.digest().readUIntBE(0, 6) / 2 ** 48);
    if (!empty) hash = createHash('sha256').update(`${seed}\n`);
    empty = true;
  };
  return {
    add(ids) {
      tokens += ids.length;
      for (const { part, ends } of partsOf(ids)) {
        const inside = ends ? part.subarray(0, -1) : part;
        if (inside.length > 0) hash.update(littleEndian(inside));
        empty &&= inside.length === 0;
        if (ends) end();
      }
    },
    heldOut: (share) => heldOutOf(places, tokens, share),
  };
}

/** Sends each stretch of the stream, piece by piece, to its side. */
export function router(
  heldOut: HeldOut,
  append: (split: SplitName, ids: Uint16Array) => void,
): (ids: Uint16Array) => void {
  let document = 0;
  let at = 0;
  switch (heldOut.kind) {
    case 'none':
      return (ids) => append('train', ids);
    case 'documents':
      return (ids) => {
        for (const { part, ends } of partsOf(ids)) {
          append(heldOut.places[document]! < heldOut.bound ? 'validation' : 'train', part);
          if (ends) document++;
        }
      };
    case 'tail':
      return (ids) => {
        const cut = Math.min(Math.max(0, heldOut.from - at), ids.length);
        if (cut > 0) append('train', ids.subarray(0, cut));
        if (cut > 0 && at + cut === heldOut.from && ids[cut - 1] !== SEPARATOR)
          append('train', Uint16Array.of(SEPARATOR));
        if (cut < ids.length) append('validation', ids.subarray(cut));
        at += ids.length;
      };
  }
}

// -----------------------------------------------------------------------------------------------------------

const { separator: SEPARATOR } = defaultTokenizer;

/** beyond every bound */
const IN_TRAIN = 1;

function heldOutOf(places: number[], tokens: number, share: number): HeldOut {
  let least = Infinity;
  let greatest = -Infinity;
  for (const place of places) {
    if (place === IN_TRAIN) continue;
    least = Math.min(least, place);
    greatest = Math.max(greatest, place);
  }
  if (share === 0 || greatest === -Infinity) return { kind: 'none' };
  if (least === greatest) return tailOf(tokens, share);
  const bound = least < share ? share : least + 2 ** -48;
  return { kind: 'documents', places, bound: Math.min(bound, greatest) };
}

/** At least one id and its separator on each side. */
function tailOf(tokens: number, share: number): HeldOut {
  const held = Math.max(2, Math.round(share * tokens));
  return tokens - held < 1 ? { kind: 'none' } : { kind: 'tail', from: tokens - held };
}

/** Cut behind each separator. */
function* partsOf(ids: Uint16Array): Generator<{ part: Uint16Array; ends: boolean }> {
  for (let at = 0; at < ids.length;) {
    const separator = ids.indexOf(SEPARATOR, at);
    const end = separator < 0 ? ids.length : separator + 1;
    yield { part: ids.subarray(at, end), ends: separator >= 0 };
    at = end;
  }
}
