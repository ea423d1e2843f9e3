import { eValue, exactInterval, exactTest, anytimeInterval } from '../statistics/proportion.ts';
import { holm } from '../statistics/holm.ts';
import type { Judged } from './judged.ts';
import type { Counted, Cue, CueName, Tested } from './report.ts';

/** How many were right. The interval is exact; before the planned end it is one that may be looked at at any time. */
export function counted(right: number, answers: number, isComplete: boolean): Counted {
  const { low, high } = (isComplete ? exactInterval : anytimeInterval)(right, answers);
  return { right, answers, accuracy: answers === 0 ? null : right / answers, low, high };
}

/** As `counted`, with a p if all planned answers are there. */
export const tested = (right: number, answers: number, isComplete: boolean): Tested => ({
  ...counted(right, answers, isComplete),
  p: isComplete ? exactTest(right, answers) : null,
});

export const rightOf = (judged: readonly Judged[]): { right: number; answers: number } => {
  const answered = judged.filter(({ right }) => right !== null);
  return { right: answered.filter(({ right }) => right).length, answers: answered.length };
};

/** What the answers follow: of those where the two texts differ in it, how many took the one with more of it. */
export function cuesOf(judged: readonly Judged[], isComplete: boolean): (Cue & { evidence: number })[] {
  const counts = CUES.map(({ name, moreOn }) => {
    const differ = judged.flatMap((one) => {
      const more = one.took === null ? null : moreOn(one);
      return more === null ? [] : [more === one.took];
    });
    return { name, hits: differ.filter(Boolean).length, answers: differ.length };
  }).filter(({ answers }) => answers > 0);
  // Before the end, 1 / e is a p that may be looked at at any time. It is used, but not shown as a p.
  const evidence = holm(
    counts.map(({ hits, answers }) => (isComplete ? exactTest(hits, answers) : Math.min(1, 1 / eValue(hits, answers)))),
  );
  return counts.map(({ name, hits, answers }, index) => ({
    name,
    share: hits / answers,
    answers,
    p: isComplete ? evidence[index]! : null,
    evidence: evidence[index]!,
  }));
}

/** Whether the answers follow a cue, or its opposite, so closely that they say little else. */
export const isFollowed = ({ share, evidence }: Cue & { evidence: number }): boolean =>
  share !== null && Math.max(share, 1 - share) >= 0.75 && evidence < 0.01;

// ---------------------------------------------------------------------------

/** Which side has more of something; null if they do not differ, or if it says nothing about this answer. */
const CUES: { name: CueName; moreOn(judged: Judged): 'a' | 'b' | null }[] = [
  { name: 'left', moreOn: ({ answer: { shown } }) => (shown === 'ab' ? 'a' : shown === 'ba' ? 'b' : null) },
  { name: 'longer', moreOn: (judged) => more(judged, judged.entry.chars) },
  { name: 'punctuation', moreOn: (judged) => more(judged, judged.entry.punctuation) },
  { name: 'likelier', moreOn: (judged) => more(judged, judged.entry.logProbability) },
  { name: 'real', moreOn: ({ answer: { shown } }) => (shown === 'a' ? 'a' : null) },
];

/** Of a single text there is nothing to compare with. */
const more = ({ answer: { shown } }: Judged, [a, b]: readonly [number, number]): 'a' | 'b' | null =>
  shown === 'a' || a === b ? null : a > b ? 'a' : 'b';
