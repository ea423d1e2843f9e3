/** P(X ≤ k) for X binomial with `trials` and `probability`. The relative error of small values is below 1e-10. */
export function binomialAtMost(k: number, trials: number, probability: number): number {
  if (k < 0) return 0;
  if (k >= trials) return 1;
  return k <= trials * probability
    ? lowerTail(k, trials, probability)
    : 1 - lowerTail(trials - k - 1, trials, 1 - probability);
}

/** P(X ≥ k). */
export const binomialAtLeast = (k: number, trials: number, probability: number): number =>
  binomialAtMost(trials - k, trials, 1 - probability);

/** P(X = k). */
export function binomialProbability(k: number, trials: number, probability: number): number {
  if (probability <= 0 || probability >= 1) return k === (probability <= 0 ? 0 : trials) ? 1 : 0;
  return Math.exp(logChoose(trials, k) + k * Math.log(probability) + (trials - k) * Math.log1p(-probability));
}

/** The natural logarithm of the number of ways to choose `k` of `n`. */
export const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

// ---------------------------------------------------------------------------

/** P(X ≤ k) for a k that is not above the mean: there the terms fall from k downwards, so none underflows too early. */
function lowerTail(k: number, trials: number, probability: number): number {
  const odds = (1 - probability) / probability;
  let term = binomialProbability(k, trials, probability);
  let sum = term;
  for (let i = k; i > 0 && term > sum * 1e-18; i--) {
    term *= (i / (trials - i + 1)) * odds;
    sum += term;
  }
  return Math.min(1, sum);
}

const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials.push(logFactorials[i - 1]! + Math.log(i));
  return logFactorials[n]!;
}
