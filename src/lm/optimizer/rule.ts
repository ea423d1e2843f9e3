import type { Tensor } from '@tensorflow/tfjs-core';

/** The rule of one kind of optimizer, for one weight at a time. */
export interface OptimizerRule {
  /** part → shape of the state for a weight of this shape; all zeros at the start */
  memory(shape: number[]): Record<string, number[]>;
  /** names of the result of `scalars` */
  scalarNames: readonly string[];
  /** Numbers that change from update to update, in double precision; `updates` is the number of previous updates. */
  scalars(rate: number, updates: number): Record<string, number>;
  /** A weight and its state after an update with a clipped gradient. */
  next(given: UpdateOfWeight): { weight: Tensor; memory: Record<string, Tensor> };
}

export interface UpdateOfWeight {
  weight: Tensor;
  gradient: Tensor;
  memory: Record<string, Tensor | undefined>;
  /** 0-d */
  scalars: Record<string, Tensor>;
  /**
   * Chooses the new value, or the old one if the update is not applied. A rule passes its state through this before it
   * computes the weight from it, so that an engine that fuses loops reads and writes each array once.
   */
  settle(next: Tensor, old: Tensor): Tensor;
}
