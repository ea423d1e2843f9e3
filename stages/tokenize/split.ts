import { sha256 } from '../../src/artifacts/parts/pack.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';

/** How conversations are assigned to splits. */
export type SplitRule =
  /** by its position in [0, 1), a hash: validation below the first bound, test from there to the second, train beyond */
  | { kind: 'place'; validation: number; test: number }
  /** all conversations are alike: the last lines of each, at least this share of its bytes, are held out */
  | { kind: 'tail'; share: number }
  /** of each conversation, in the order of the file, the index of its split in `SPLIT_NAMES`, or `LEFT_OUT` */
  | { kind: 'listed'; splits: Uint8Array };

export const LEFT_OUT = 255;

/** The least and greatest position of all conversations. */
export interface Survey {
  conversations: number;
  least: number;
  greatest: number;
}

/**
 * The position of a conversation in [0, 1): 48 bits of a hash of the seed and of names and texts. Times are not hashed,
 * so two exports of one conversation share a split, and no other conversation changes it.
 */
export function hashPosition(hashInput: Uint8Array): number {
  return parseInt(sha256(hashInput).slice(0, 12), 16) / 2 ** 48;
}

export function splitAt(position: number, { validation, test }: Extract<SplitRule, { kind: 'place' }>): SplitName {
  return position < validation ? 'validation' : position < test ? 'test' : 'train';
}

/**
 * Neither train nor validation is left empty if that can be avoided: the conversation nearest to the bound moves.
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
