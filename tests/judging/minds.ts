import assert from 'node:assert/strict';
import { soughtSide } from '../../src/judging/judged.ts';
import { randomAt, uniform } from '../../src/lm/random/random.ts';
import { judged, type Mind } from './kit.ts';

export const close = (actual: number, expected: number, within = 1e-6): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);
export const other = (side: 'a' | 'b'): 'a' | 'b' => (side === 'a' ? 'b' : 'a');
/** Right with this probability. */
export const right = (rate: number | ((place: number) => number), seed = 1): Mind => {
  const random = randomAt(seed, 0, 'judge', 0);
  return ({ entry, place }) => {
    const sought = soughtSide(entry)!;
    return uniform(random) < (typeof rate === 'number' ? rate : rate(place)) ? sought : other(sought);
  };
};
/** Right in exactly these many of the first questions that count. */
export const rightIn = (count: number): Mind => {
  let left = count;
  return ({ entry }) => (entry.kind !== 'question' || left-- > 0 ? soughtSide(entry)! : other(soughtSide(entry)!));
};
export const headline = (...args: Parameters<typeof judged>): string => judged(...args).headline.join('\n');
