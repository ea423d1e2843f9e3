import { fisherTest, type Rate } from './two-rates.ts';

/**
 * The two-sided p whether two rates are equal, if trials come in clusters whose trials are alike, such as the lines of
 * a text: `a` and `b` have one rate for each cluster.
 *
 * It is Fisher's exact test of as many trials as would say as much if they were independent (the correction of Rao and
 * Scott): their number is divided by the design effect, the variance between clusters as a multiple of that of
 * independent trials, over both sides. A side with one cluster tells nothing about it and takes that of the other.
 */
export function clusteredFisherTest(a: readonly Rate[], b: readonly Rate[]): number {
  const effect = designEffect([a, b]);
  const [first, second] = [sumOf(a), sumOf(b)];
  const isHigher = first.right * second.trials > second.right * first.trials;
  // Rounded towards each other.
  return fisherTest(divided(first, effect, isHigher), divided(second, effect, !isHigher));
}

/** At least 1. */
export function designEffect(sides: readonly (readonly Rate[])[]): number {
  let [between, within] = [0, 0];
  for (const clusters of sides) {
    if (clusters.length < 2) continue;
    const { right, trials } = sumOf(clusters);
    if (trials === 0) continue;
    const rate = right / trials;
    const squares = clusters.reduce((sum, one) => sum + (one.right - rate * one.trials) ** 2, 0);
    between += (squares * clusters.length) / (clusters.length - 1);
    within += trials * rate * (1 - rate);
  }
  return within === 0 ? 1 : Math.max(1, between / within);
}

// ---------------------------------------------------------------------------

function sumOf(clusters: readonly Rate[]): Rate {
  const sum = { right: 0, trials: 0 };
  for (const { right, trials } of clusters) {
    sum.right += right;
    sum.trials += trials;
  }
  return sum;
}

function divided({ right, trials }: Rate, effect: number, down: boolean): Rate {
  const fewer = Math.floor(trials / effect);
  const share = trials === 0 ? 0 : (right * fewer) / trials;
  return { right: down ? Math.floor(share + 1e-9) : Math.ceil(share - 1e-9), trials: fewer };
}
