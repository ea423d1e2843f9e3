import type { Rate } from './two-rates.ts';

/**
 * Whether several judges are right equally often: χ² with one degree of freedom fewer than judges, and its p. Judges
 * without answers do not count. If all answers are right, or all wrong, nobody differs.
 */
export function heterogeneity(judges: readonly Rate[]): { chiSquared: number; freedom: number; p: number } {
  const answering = judges.filter(({ trials }) => trials > 0);
  const freedom = Math.max(0, answering.length - 1);
  const trials = answering.reduce((sum, judge) => sum + judge.trials, 0);
  const rate = answering.reduce((sum, judge) => sum + judge.right, 0) / trials;
  const variance = rate * (1 - rate);
  const chiSquared =
    variance > 0
      ? answering.reduce((sum, judge) => sum + (judge.right - judge.trials * rate) ** 2 / (judge.trials * variance), 0)
      : 0;
  return { chiSquared, freedom, p: chiSquaredAtLeast(chiSquared, freedom) };
}

/** P(χ² ≥ x) for a whole number of degrees of freedom, up from that for 1 or 2 in steps of two. */
export function chiSquaredAtLeast(x: number, freedom: number): number {
  if (freedom === 0 || x <= 0) return 1;
  const half = x / 2;
  let p = freedom % 2 === 0 ? Math.exp(-half) : normalTails(Math.sqrt(x));
  // half^s · exp(-half) / Γ(s + 1) for s = 1, 2, … or ½, 1½, …
  let term = freedom % 2 === 0 ? half * Math.exp(-half) : 2 * Math.sqrt(half / Math.PI) * Math.exp(-half);
  for (let s = freedom % 2 === 0 ? 1 : 0.5; s < freedom / 2; s++) {
    p += term;
    term *= half / (s + 1);
  }
  return Math.min(1, p);
}

// ---------------------------------------------------------------------------

/** P(|Z| ≥ z) of a standard normal Z, for z ≥ 0: a power series near the centre, a continued fraction in the tails. */
function normalTails(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [sum, term] = [z, z];
    for (let k = 3; term > sum * 1e-17; k += 2) sum += term *= (z * z) / k;
    return 1 - 2 * density * sum;
  }
  let fraction = z;
  for (let k = 100; k > 0; k--) fraction = z + k / fraction;
  return (2 * density) / fraction;
}
