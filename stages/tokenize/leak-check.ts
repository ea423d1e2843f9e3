import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { countedHashes } from './counted-hashes.ts';

/** Lines of less («ok», «good night») are said again by anybody. */
export const LONG_CHARS = 25;

export interface LeakCheck {
  /** `hashes`: whole numbers of 53 bits, one for each long line. */
  add(split: SplitName, hashes: Float64Array): void;
  /** how many of the long held-out lines looked at, validation's and test's, are also in train, word for word */
  result(): { lines: number; repeated: number };
}

/**
 * Exact up to `most` lines a split; from there on it looks at every second line, every fourth …: those whose hash ends
 * in zeros, so that the same lines are looked at in both.
 */
export function newLeakCheck(most: number = 1 << 15): LeakCheck {
  const train = countedHashes(most + 1);
  const heldOut = countedHashes(most + 1);
  let step = 1;
  const isLookedAt = (hash: number): boolean => ((hash >>> 0) & (step - 1)) === 0;
  const thin = (): void => {
    step *= 2;
    for (const counts of [train, heldOut]) counts.keepIf(isLookedAt);
  };
  return {
    add(split, hashes) {
      const counts = split === 'train' ? train : heldOut;
      for (let i = 0; i < hashes.length; i++) {
        if (!isLookedAt(hashes[i]!)) continue;
        counts.add(hashes[i]!);
        while (counts.size > most) thin();
      }
    },
    result() {
      let lines = 0;
      let repeated = 0;
      heldOut.each((hash, count) => {
        lines += count;
        if (train.countOf(hash) > 0) repeated += count;
      });
      return { lines, repeated };
    },
  };
}
