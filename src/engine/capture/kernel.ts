import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { GraphBuilder, GraphValue } from './graph-builder.ts';

/**
 * Builds the operations of one tfjs kernel. Inputs and attributes have tfjs's names; tensors that tfjs passes as a list
 * are named '0', '1', …
 */
export type Kernel = (
  graph: GraphBuilder,
  inputs: Record<string, GraphValue>,
  attributes: NamedAttrMap,
) => GraphValue | GraphValue[];

export type Kernels = Record<string, Kernel>;

/** tfjs's axis attribute as a list: it is a number, several, or missing, which means all. */
export function axesOf(attribute: unknown, rank: number): number[] {
  if (attribute === undefined || attribute === null) return Array.from({ length: rank }, (_, axis) => axis);
  return ([] as number[]).concat(attribute as number | number[]);
}
