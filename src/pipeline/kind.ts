import type { TObject } from '@sinclair/typebox';

/** What deciding needs to know of a stage kind: all of `StageKind` but how it runs. */
export interface KindContract {
  kind: string;
  version: number;
  params: TObject;
  runtime: TObject;
  sources: string[];
  inputs: Record<string, string>;
  optionalInputs?: Record<string, string>;
  output: string;
  computes: boolean;
  // method syntax: a kind's own, narrower params type is accepted here
  check?(params: never, ports: string[]): { path: string; message: string }[];
}

export type Kinds = Record<string, KindContract>;
