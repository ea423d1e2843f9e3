import type { Tensor } from '@tensorflow/tfjs-core';

/** One kind of optimizer, for one weight at a time. */
export interface OptimizerRule {
  /** part → shape of the state for a weight of this shape; all zeros at the start */
  memory(shape: number[]): Record<string, number[]>;
  /** what `scalars` returns, by name */
  scalarNames: readonly string[];
  /** Numbers that differ from update to update, in double precision; `updates` counts those made before. */
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
   * The new value, or the old one if the update is not applied. A rule settles what it remembers before it makes the
   * weight from it: an engine that fuses loops then reads and writes each array once.
   */
  settle(next: Tensor, old: Tensor): Tensor;
}
