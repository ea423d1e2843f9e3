import type { NamedAttrMap } from '@tensorflow/tfjs-core';
import type { Attribute, Graph, GraphValue } from './graph.ts';

/** How one tfjs kernel is written into a graph. Inputs by tfjs's names; a list of tensors comes as the names '0', '1' … */
export type Kernel = (
  graph: Graph,
  inputs: Record<string, GraphValue>,
  attributes: NamedAttrMap,
) => GraphValue | GraphValue[];

export type Kernels = Record<string, Kernel>;

export const bool = (value: unknown): Attribute => ({ kind: 'bool', value: Boolean(value) });
export const int = (value: number): Attribute => ({ kind: 'int', value });

/** An axis attribute of tfjs, a number or several or none (which means all), as a list. */
export function axesOf(attribute: unknown, rank: number): number[] {
  if (attribute === undefined || attribute === null) return Array.from({ length: rank }, (_, axis) => axis);
  return ([] as number[]).concat(attribute as number | number[]);
}

export function listOf(inputs: Record<string, GraphValue>): GraphValue[] {
  return Object.values(inputs);
}

export function castTo(graph: Graph, value: GraphValue, dtype: GraphValue['dtype']): GraphValue {
  return value.dtype === dtype ? value : graph.node('Cast', [value], { DstT: { kind: 'type', value: dtype } });
}

/** A scalar of the same dtype as `like`. */
export function scalarLike(graph: Graph, like: GraphValue, value: number): GraphValue {
  if (like.dtype === 'bfloat16')
    return castTo(graph, graph.constant(Float32Array.of(value), [], 'float32'), 'bfloat16');
  const array =
    like.dtype === 'float32'
      ? Float32Array.of(value)
      : like.dtype === 'int32'
        ? Int32Array.of(value)
        : Uint8Array.of(value);
  return graph.constant(array, [], like.dtype);
}
