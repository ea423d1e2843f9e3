import { solvePositiveDefinite } from './cholesky.ts';

export type Row = ArrayLike<number>;

/**
 * Logistic regression on the differences of pairs (real minus generated), so without an intercept: minimizes
 * Σ log(1 + exp(-w·x)) + λ/2 |w|² by Newton's method (IRLS). λ > 0.
 */
export function fitLogistic(differences: readonly Row[], lambda: number): { weights: Float64Array; objective: number } {
  const features = differences[0]?.length ?? 0;
  if (features <= differences.length) return fitWeights(differences, features, lambda);
  const gram = gramOf(differences);
  const { coefficients, objective } = fitCoefficients(gram, lambda);
  const weights = new Float64Array(features);
  differences.forEach((row, i) => addScaled(weights, coefficients[i]!, row));
  return { weights, objective };
}

/** The same with weights Σ aᵢxᵢ, given only the products xᵢ·xⱼ: faster where there are more features than pairs. */
export function fitCoefficients(
  gram: readonly Float64Array[],
  lambda: number,
): { coefficients: Float64Array; objective: number } {
  const pairs = gram.length;
  const marginsOf = (a: Float64Array): number[] => gram.map((row) => dot(row, a));
  const objective = (a: Float64Array): number => {
    const margins = marginsOf(a);
    return lossOf(margins) + (lambda / 2) * dot(a, margins);
  };
  const newton = (a: Float64Array): Float64Array => {
    // a = D (D K D + λ)⁻¹ D z, with D² = p(1 - p), z = margin + (1 - p) / D²
    const margins = marginsOf(a);
    const roots = margins.map((margin) => Math.sqrt(logistic(margin) * logistic(-margin)));
    const matrix = new Float64Array(pairs * pairs);
    for (let i = 0; i < pairs; i++)
      for (let j = 0; j <= i; j++)
        matrix[i * pairs + j] = roots[i]! * roots[j]! * gram[i]![j]! + (i === j ? lambda : 0);
    const right = Float64Array.from(margins, (margin, i) => roots[i]! * margin + Math.exp(-margin / 2));
    return solvePositiveDefinite(matrix, right).map((value, i) => value * roots[i]!);
  };
  const coefficients = minimized(new Float64Array(pairs), objective, newton);
  return { coefficients, objective: objective(coefficients) };
}

/** All products of two rows. */
export function gramOf(rows: readonly Row[]): Float64Array[] {
  const gram = rows.map(() => new Float64Array(rows.length));
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j <= i; j++) gram[i]![j] = gram[j]![i] = dot(rows[i]!, rows[j]!);
  return gram;
}

export function dot(a: Row, b: Row): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

// ---------------------------------------------------------------------------

function fitWeights(
  rows: readonly Row[],
  features: number,
  lambda: number,
): { weights: Float64Array; objective: number } {
  const objective = (w: Float64Array): number => lossOf(rows.map((row) => dot(row, w))) + (lambda / 2) * dot(w, w);
  const newton = (w: Float64Array): Float64Array => {
    const downhill = w.map((weight) => -lambda * weight);
    const hessian = new Float64Array(features * features);
    for (let i = 0; i < features; i++) hessian[i * features + i] = lambda;
    for (const row of rows) {
      const margin = dot(row, w);
      addScaled(downhill, logistic(-margin), row);
      const curvature = logistic(margin) * logistic(-margin);
      for (let i = 0; i < features; i++)
        for (let j = 0; j <= i; j++) hessian[i * features + j]! += curvature * row[i]! * row[j]!;
    }
    return solvePositiveDefinite(hessian, downhill).map((step, i) => w[i]! + step);
  };
  const weights = minimized(new Float64Array(features), objective, newton);
  return { weights, objective: objective(weights) };
}

/** Newton's method on a convex function; a step that leads too far is halved. */
function minimized(
  at: Float64Array,
  objective: (at: Float64Array) => number,
  newton: (at: Float64Array) => Float64Array,
): Float64Array {
  let value = objective(at);
  for (let iteration = 0; iteration < 100; iteration++) {
    let next = newton(at);
    for (let halving = 0; halving < 40 && !(objective(next) <= value); halving++)
      next = next.map((x, i) => (x + at[i]!) / 2);
    const gain = value - objective(next);
    if (!(gain > 0)) break;
    at = next;
    value -= gain;
    if (gain < 1e-13 * value) break;
  }
  return at;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Σ log(1 + exp(-margin)), without overflow. */
const lossOf = (margins: readonly number[]): number =>
  margins.reduce((sum, margin) => sum + Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin))), 0);

function addScaled(target: Float64Array, factor: number, row: Row): void {
  for (let i = 0; i < target.length; i++) target[i]! += factor * row[i]!;
}
