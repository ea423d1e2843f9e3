/** Which source the next sequence comes from. Weights stand for the sources by place, and count relative to one another. */
export interface MixRule {
  weights: number[];
  /** other weights before a step, by ascending `untilStep`: the first phase holds for the updates 0 to `untilStep` - 1 */
  phases: { untilStep: number; weights: number[] }[];
  review: Review | null;
}

/**
 * A share of the sequences that comes from one source and grows less, so that what was learnt there fades slowly
 * (mix-review, 2019).
 */
export interface Review {
  from: number;
  /** of all sequences at the start, 0 to 1 */
  share: number;
  decay:
    | { kind: 'perEpoch'; /** of the share that is left after each pass */ factor: number }
    | { kind: 'overSteps'; /** updates until it is zero, in a straight line */ steps: number };
}

/** The weights of the update that follows `step` finished ones, in pass `epoch` (from 0) over the mix. */
export function weightsAt(
  { weights, phases, review }: MixRule,
  { step, epoch }: { step: number; epoch: number },
): number[] {
  const current = phases.find(({ untilStep }) => step < untilStep)?.weights ?? weights;
  if (review === null) return current;
  const share = reviewShare(review, { step, epoch });
  const total = current.reduce((sum, weight) => sum + weight, 0);
  return current.map((weight, place) => (weight / total) * (1 - share) + (place === review.from ? share : 0));
}

export function reviewShare({ share, decay }: Review, { step, epoch }: { step: number; epoch: number }): number {
  switch (decay.kind) {
    case 'perEpoch':
      return share * decay.factor ** epoch;
    case 'overSteps':
      return share * Math.max(0, 1 - step / decay.steps);
  }
}

/** Weight ∝ size^(1/temperature): 1 is by size, larger ones bring small sources closer to the large. */
export function weightsBySize(sizes: number[], temperature: number): number[] {
  return temperature === 1 ? [...sizes] : sizes.map((size) => size ** (1 / temperature));
}

/** Source for a point in (0, 1). */
export function sourceAt(weights: number[], point: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  for (let from = 0; from < weights.length - 1; from++) {
    passed += weights[from]! / total;
    if (point < passed) return from;
  }
  return weights.length - 1;
}
