import { percent } from '../src/numbers/percent.ts';
import { Type } from '@sinclair/typebox';
import { withCommas } from '../src/numbers/counted.ts';
import { StageInputError, type StageContext } from '../src/pipeline/stage-kind.ts';
import { countedHashes } from './counted-hashes.ts';

/** Shorter lines, such as "ok" or "good night", are repeated by everybody. */
export const LONG_CHARS = 25;

/** With fewer long lines, a conversation may well repeat another one, such as a greeting and its answer. */
export const TELLING_LINES = 3;

/** Param of the kinds that hold out a part of the text. */
export const leaksParam = Type.Optional(
  Type.Literal('allow', {
    description:
      'allow: continue even if held-out conversations, or more than 5 % of the held-out lines of 25 characters and more, also occur in the training split; by default the stage stops, but fewer than five such lines are only a warning',
  }),
);

export interface LeakCheck {
  /** `hashes`: 53-bit whole numbers, one for each long line, or for each conversation. */
  add(split: 'train' | 'validation' | 'test', hashes: Float64Array): void;
  /** number of held-out lines (or conversations) checked, and how many of them also occur in train */
  result(): Leaks;
}

export interface Leaks {
  checked: number;
  repeated: number;
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
      let checked = 0;
      let repeated = 0;
      heldOut.forEach((hash, count) => {
        checked += count;
        if (train.countOf(hash) > 0) repeated += count;
      });
      return { checked, repeated };
    },
  };
}

/**
 * Says what the check found. Throws a StageInputError if held-out text is known from training, because then the loss on
 * it does not show when a model begins to learn by heart. `noun`: a conversation or document, in the singular.
 */
export function reportLeaks(
  { conversations, lines }: { conversations: Leaks; lines: Leaks },
  { noun, leaks, emit }: { noun: string; leaks: 'allow' | undefined; emit: StageContext<unknown, unknown>['emit'] },
): void {
  const share = lines.checked === 0 ? 0 : lines.repeated / lines.checked;
  const found = [
    ...(conversations.repeated > 0
      ? [`${withCommas(conversations.repeated)} of ${withCommas(conversations.checked)} held-out ${noun}s`]
      : []),
    ...(share > MOST_REPEATED
      ? [
          `${withCommas(lines.repeated)} of ${withCommas(lines.checked)} held-out lines of ${LONG_CHARS} characters and more (${percent(share)})`,
        ]
      : []),
  ];
  if (found.length === 0) {
    const shown = lines.checked === 0 ? '' : `; ${percent(share)} of the long held-out lines also occur in train`;
    emit({ kind: 'note', text: `leak check: no held-out ${noun} is in train${shown}` });
    return;
  }
  const where = `${found.join(' and ')} also occur in the training split`;
  if (conversations.repeated === 0 && lines.repeated < ENOUGH_REPEATED) {
    emit({
      kind: 'warning',
      text: `leak check: ${where}; so few lines prove nothing, but look for a source that was read twice`,
    });
    return;
  }
  const text = `${where}, so the loss on held-out text would be too low`;
  if (leaks !== 'allow')
    throw new StageInputError(
      text,
      'look for a source that was read twice under different names or times, or for repeated texts, and remove them; or set `leaks: allow` on this stage to train anyway',
    );
  emit({ kind: 'warning', text: `leak check: ${text}` });
}

/** One hash for several, in order. */
export function hashOfHashes(hashes: Float64Array): number {
  let [high, low] = [hashes.length, 0x9e3779b9];
  for (const hash of hashes) {
    low = Math.imul(low ^ hash, 0x85ebca6b);
    high = Math.imul(high ^ (hash / 2 ** 21) ^ (low >>> 15), 0xc2b2ae35);
  }
  return ((high ^ (high >>> 16)) >>> 11) * 2 ** 32 + ((low ^ (low >>> 13)) >>> 0);
}

const MOST_REPEATED = 0.05;
/** In a small chat, a link or a saying that is repeated by chance is more than 5 % of the lines. */
const ENOUGH_REPEATED = 5;
