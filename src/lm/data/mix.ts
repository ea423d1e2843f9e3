/** How the source of the next sequence is drawn. Weights are in the order of the sources and relative to one another. */
export interface MixRule {
  weights: number[];
  /** other weights for the first steps, by ascending `untilStep`; the first phase is updates 0 to `untilStep` - 1 */
  phases: { untilStep: number; weights: number[] }[];
  review: Review | null;
}

/** A decaying share of the sequences from one source, so that the model forgets it slowly (mix-review, 2019). */
export interface Review {
  from: number;
  /** share of all sequences at the start, 0 to 1 */
  share: number;
  decay:
    | { kind: 'perEpoch'; /** multiplies the share after each pass */ factor: number }
    | { kind: 'overSteps'; /** updates until the share, which falls linearly, is zero */ steps: number };
}

/** The weights for the update that follows `step` finished updates, in pass `epoch` (from 0) over the mix. */
export function weightsAt(
  { weights, phases, review }: MixRule,
  { step, epoch }: { step: number; epoch: number },
): number[] {
  const current = phases.find(({ untilStep }) => step < untilStep)?.weights ?? weights;
  if (review === null) return current;
  const share = reviewShare(review, { step, epoch });
  const total = current.reduce((sum, weight) => sum + weight, 0);
  return current.map((weight, source) => (weight / total) * (1 - share) + (source === review.from ? share : 0));
}

export function reviewShare({ share, decay }: Review, { step, epoch }: { step: number; epoch: number }): number {
  switch (decay.kind) {
    case 'perEpoch':
      return share * decay.factor ** epoch;
    case 'overSteps':
      return share * Math.max(0, 1 - step / decay.steps);
  }
}

/** Weight ∝ size^(1/temperature): proportional at 1; higher temperatures bring small and large sources closer. */
export function weightsBySize(sizes: number[], temperature: number): number[] {
  return temperature === 1 ? [...sizes] : sizes.map((size) => size ** (1 / temperature));
}

/** The source at a point in (0, 1), where each source covers an interval as long as its share. */
export function sourceAt(weights: number[], point: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  for (let from = 0; from < weights.length - 1; from++) {
    passed += weights[from]! / total;
    if (point < passed) return from;
  }
  return weights.length - 1;
}
