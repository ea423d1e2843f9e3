import type { TObject } from '@sinclair/typebox';
import type { Json } from './yaml/tree.ts';

/** What deciding needs to know of a stage kind: all of `StageKind` but how it runs. */
export interface KindContract {
  kind: string;
  version: number;
  params: TObject;
  runtime: TObject;
  sources: string[];
  inputs: Record<string, string>;
  optionalInputs?: Record<string, string>;
  output: string | ((params: never) => string);
  computes: boolean;
  // method syntax: a kind's own, narrower params type is accepted here
  check?(params: never, ports: string[]): { path: string; message: string }[];
  pauseFault?(params: never, step: number, metric: string): string | null;
}

export type Kinds = Record<string, KindContract>;

/** The artifact type that a stage of this kind makes with these params. */
export function outputOf({ output }: KindContract, params: { [key: string]: Json }): string {
  return typeof output === 'string' ? output : output(params as never);
}
