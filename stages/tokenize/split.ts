import { sha256 } from '../../src/artifacts/parts/pack.ts';
import type { SplitName } from '../../src/artifacts/tokens/index.ts';

/** How conversations are assigned to splits. */
export type SplitRule =
  /**
   * by position, a hash in [0, 1): positions below `validation` are validation, others below `test` are test, the rest
   * train
   */
  | { kind: 'place'; validation: number; test: number }
  /** all conversations are identical: the last lines of each, at least this share of its bytes, are held out */
  | { kind: 'tail'; share: number }
  /** for each conversation, in file order, the index of its split in `SPLIT_NAMES`, or `LEFT_OUT` */
  | { kind: 'listed'; splits: Uint8Array };

export const LEFT_OUT = 255;

/** The number of conversations, and their least and greatest positions. */
export interface Survey {
  conversations: number;
  least: number;
  greatest: number;
}

/**
 * The position of a conversation in [0, 1): 48 bits of a hash of the seed, the names and the texts. Times are not
 * hashed, so two exports of a conversation are in the same split. Other conversations do not affect it.
 */
export function hashPosition(hashInput: Uint8Array): number {
  return parseInt(sha256(hashInput).slice(0, 12), 16) / 2 ** 48;
}

export function splitAt(position: number, { validation, test }: Extract<SplitRule, { kind: 'place' }>): SplitName {
  return position < validation ? 'validation' : position < test ? 'test' : 'train';
}

/**
 * Adjusts the bounds so that neither train nor validation is empty, if possible, by moving the conversation nearest to
 * a bound. If all positions are equal, holds out the end of each conversation instead.
 */
export function splitRule(
  { least, greatest }: Survey,
  { validation, test }: { validation: number; test: number },
): SplitRule {
  if (validation === 0 && test === 0) return { kind: 'place', validation: 0, test: 0 };
  if (least === greatest)
    return validation === 0 ? { kind: 'place', validation: 0, test: 0 } : { kind: 'tail', share: validation };
  const bound = validation > 0 && least >= validation ? least + 2 ** -48 : validation;
  // No bound is above `greatest`, so at least that conversation is in train.
  return {
    kind: 'place',
    validation: Math.min(bound, greatest),
    test: Math.min(Math.max(bound, validation + test), greatest),
  };
}

/**
 * Index of the first line of the held-out tail, given the bytes of each line. The tail has at least this share of the
 * bytes, but never includes the first line.
 */
export function tailStart(lineBytes: number[], share: number): number {
  const target = share * lineBytes.reduce((sum, length) => sum + length, 0);
  let cut = lineBytes.length;
  for (let tail = 0; cut > 1 && tail < target;) tail += lineBytes[--cut]!;
  return cut;
}
