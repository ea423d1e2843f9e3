import type { SplitName } from '../../src/artifacts/tokens/index.ts';
import { countedHashes } from './counted-hashes.ts';

/** Shorter lines, such as "ok" or "good night", are repeated by everybody. */
export const LONG_CHARS = 25;

export interface LeakCheck {
  /** `hashes`: 53-bit whole numbers, one for each long line. */
  add(split: SplitName, hashes: Float64Array): void;
  /** number of long held-out lines checked, and how many of them also occur verbatim in train */
  result(): { lines: number; repeated: number };
}

/**
 * Exact up to `capacity` different lines each of train and held-out text. Beyond that it samples every second line,
 * every fourth and so on. It selects lines by the last bits of their hashes, so both samples contain the same lines.
 */
export function newLeakCheck(capacity: number = 1 << 15): LeakCheck {
  const train = countedHashes(capacity + 1);
  const heldOut = countedHashes(capacity + 1);
  let step = 1;
  const isSampled = (hash: number): boolean => ((hash >>> 0) & (step - 1)) === 0;
  const thin = (): void => {
    step *= 2;
    for (const counts of [train, heldOut]) counts.keepIf(isSampled);
  };
  return {
    add(split, hashes) {
      const counts = split === 'train' ? train : heldOut;
      for (let i = 0; i < hashes.length; i++) {
        if (!isSampled(hashes[i]!)) continue;
        counts.add(hashes[i]!);
        while (counts.size > capacity) thin();
      }
    },
    result() {
      let lines = 0;
      let repeated = 0;
      heldOut.forEach((hash, count) => {
        lines += count;
        if (train.countOf(hash) > 0) repeated += count;
      });
      return { lines, repeated };
    },
  };
}
