import { inverseNormal } from '../lm/random/inverse-normal.ts';
import { chiSquaredAtLeast } from './chi-squared.ts';

/** `hits` of `trials` answers were of one kind. */
export interface Count {
  hits: number;
  trials: number;
}

export interface Sensitivity {
  /** 0 for a guesser */
  dPrime: number;
  /** below 0 for a love of the answer that is counted, whatever is asked */
  bias: number;
}

/**
 * d′ of a judge of pairs who is not assumed to like both sides equally: the answers «left» where the left text was
 * real, and where the right one was. Half an answer is added to each count, so d′ is finite.
 */
export function pairSensitivity(realLeft: Count, realRight: Count): Sensitivity {
  const { dPrime, bias } = sensitivity(logLinear(realLeft), logLinear(realRight));
  return { dPrime: dPrime / Math.SQRT2, bias };
}

/** d′ of a judge of pairs without a side, from the number right, and its standard error. */
export function unbiasedPairSensitivity(answers: Count): { dPrime: number; standardError: number } {
  const p = logLinear(answers);
  return {
    dPrime: Math.SQRT2 * inverseNormal(p),
    standardError: Math.sqrt(2 * varianceOfQuantile(p, answers.trials)),
  };
}

/** d′ of a judge of single texts: the answers «real» to real texts, and to generated ones. */
export function singleSensitivity(real: Count, generated: Count): Sensitivity & { standardError: number } {
  const [hitRate, falseRate] = [logLinear(real), logLinear(generated)];
  const variance = varianceOfQuantile(hitRate, real.trials) + varianceOfQuantile(falseRate, generated.trials);
  return { ...sensitivity(hitRate, falseRate), standardError: Math.sqrt(variance) };
}

/**
 * The share of single texts that a judge without a preference gets right who gets this share of pairs right: pairs are
 * easier by √2. Between 0 and 1.
 */
export function singlesLikePairs(rate: number): number {
  if (rate <= 0 || rate >= 1) return rate;
  const z = inverseNormal(rate) / Math.SQRT2;
  const tail = chiSquaredAtLeast(z * z, 1) / 2;
  return z > 0 ? 1 - tail : tail;
}

// ---------------------------------------------------------------------------

const logLinear = ({ hits, trials }: Count): number => (hits + 0.5) / (trials + 1);

function sensitivity(hitRate: number, falseRate: number): Sensitivity {
  const [hit, falseAlarm] = [inverseNormal(hitRate), inverseNormal(falseRate)];
  return { dPrime: hit - falseAlarm, bias: (0 - hit - falseAlarm) / 2 };
}

/** The variance of the normal quantile of a rate, by the delta method. */
function varianceOfQuantile(rate: number, trials: number): number {
  const density = Math.exp(-(inverseNormal(rate) ** 2) / 2) / Math.sqrt(2 * Math.PI);
  return (rate * (1 - rate)) / (trials * density * density);
}
