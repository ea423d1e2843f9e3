import { sha256 } from '../../src/artifacts/parts/pack.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';

/** Which side a conversation falls on. */
export type SplitRule =
  /** by its place in [0, 1): validation below the first bound, test from there to the second, train beyond */
  | { kind: 'place'; validation: number; test: number }
  /** all conversations are alike: the last lines of each, at least this share of its bytes, are held out */
  | { kind: 'tail'; share: number }
  /** of each conversation, in the order of the file, the place of its side in `SPLIT_NAMES`, or `LEFT_OUT` */
  | { kind: 'listed'; sides: Uint8Array };

export const LEFT_OUT = 255;

/** Least and greatest of the conversations' places. */
export interface Survey {
  conversations: number;
  least: number;
  greatest: number;
}

/**
 * Where a conversation stands in [0, 1): 48 bits of a hash of `said`, the seed and who says what. Not of times: the
 * same conversation exported twice is on one side, and no other conversation moves it.
 */
export function placeOf(said: Uint8Array): number {
  return parseInt(sha256(said).slice(0, 12), 16) / 2 ** 48;
}

export function sideOf(place: number, { validation, test }: Extract<SplitRule, { kind: 'place' }>): SplitName {
  return place < validation ? 'validation' : place < test ? 'test' : 'train';
}

/**
 * Train and validation both get something wherever that is possible: if the hash leaves one empty, the conversation
 * nearest to the bound moves.
 */
export function splitRule(
  { least, greatest }: Survey,
  { validation, test }: { validation: number; test: number },
): SplitRule {
  if (validation === 0 && test === 0) return { kind: 'place', validation: 0, test: 0 };
  if (least === greatest)
    return validation === 0 ? { kind: 'place', validation: 0, test: 0 } : { kind: 'tail', share: validation };
  const bound = validation > 0 && least >= validation ? least + 2 ** -48 : validation;
  // `greatest` itself is below no bound, so somebody is in train.
  return {
    kind: 'place',
    validation: Math.min(bound, greatest),
    test: Math.min(Math.max(bound, validation + test), greatest),
  };
}

/**
 * Of each line the bytes → where the held-out tail begins: at least this share of the bytes is in it, but never the
 * first line.
 */
export function tailStart(lineBytes: number[], share: number): number {
  const wanted = share * lineBytes.reduce((sum, length) => sum + length, 0);
  let cut = lineBytes.length;
  for (let tail = 0; cut > 1 && tail < wanted;) tail += lineBytes[--cut]!;
  return cut;
}
