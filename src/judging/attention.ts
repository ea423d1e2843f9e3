import { binomialAtMost } from '../statistics/binomial.ts';
import type { Judged } from './judged.ts';

export interface Attention {
  right: number;
  answers: number;
  /** whether the answers are those of somebody who reads */
  isEnough: boolean;
}

/**
 * Attention to the easy questions. Only a baseline is easy to recognize: a single real text, which tests of older
 * versions show, is not. ELIZA is recognized by everybody who reads; if she was left out, the other baselines are
 * harder, and a judge who recognizes 80 % of them must hardly ever count as inattentive.
 */
export function attentionOf(catches: readonly Judged[]): Attention {
  const given = catches.filter(
    ({ entry, answer, right }) => right !== null && !(answer.shown === 'a' && entry.real === 'a'),
  );
  const ofEliza = given.filter(({ entry }) => entry.rival === 'eliza');
  const counted = ofEliza.length > 0 ? ofEliza : given;
  const answers = counted.length;
  const right = counted.filter((one) => one.right).length;
  const isEnough =
    ofEliza.length > 0
      ? right >= LEAST_RIGHT * answers
      : answers === 0 || binomialAtMost(right, answers, RATE_OF_ATTENTIVE) >= MOST_REFUSED;
  return { right, answers, isEnough };
}

// ---------------------------------------------------------------------------

const LEAST_RIGHT = 0.75;
const RATE_OF_ATTENTIVE = 0.8;
/** the share of attentive judges that may be refused */
const MOST_REFUSED = 0.05;
