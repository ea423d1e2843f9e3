import { createHash } from 'node:crypto';
import type { Stage } from '../pipeline.ts';
import type { StageContract } from '../stage-kind.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

/** sha256 of existing bytes: a file, or the names and contents of a folder */
export type Digest = string & { readonly digest: unique symbol };
/** sha256 of everything that a stage reads */
export type Key = string & { readonly key: unique symbol };

/**
 * The readable record behind a key. No names of stages, no paths, times or order. In a key every input is known; a plan
 * also compares records in which an input that has not been made yet is null.
 */
export interface PreImage<Input extends Digest | null = Digest> {
  record: 'stage/1';
  kind: string;
  version: number;
  /** with every default, without the params that name a source */
  params: { [key: string]: Json };
  /** param → digest of the file or folder at its path */
  sources: Record<string, Digest>;
  /** port → digest of the artifact */
  inputs: Record<string, Input>;
  /** library, threads, processor: what else can change the result; null for stages that do not compute */
  environment: Record<string, string> | null;
}

export function preImageOf<Input extends Digest | null = Digest>(
  stage: Stage,
  kind: StageContract,
  inputs: Record<string, Input>,
  sources: Record<string, Digest>,
  environment: Record<string, string> | null,
): PreImage<Input> {
  const params = kind.sources.reduce((rest, path) => without(rest, path.split('.')), stage.params);
  return { record: 'stage/1', kind: stage.kind, version: kind.version, params, sources, inputs, environment };
}

export const keyOf = (preImage: PreImage): Key =>
  createHash('sha256')
    .update(canonical(preImage as unknown as Json))
    .digest('hex') as Key;

/** JSON with sorted keys and no spaces: equal values give equal text. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .flatMap((key) => (value[key] === undefined ? [] : [`${JSON.stringify(key)}:${canonical(value[key])}`]));
  return `{${entries.join(',')}}`;
}

// ---------------------------------------------------------------------------

function without(params: { [key: string]: Json }, [name, ...below]: string[]): { [key: string]: Json } {
  const { [name!]: value, ...rest } = params;
  if (below.length > 0 && isObject(value)) return { ...params, [name!]: without(value, below) };
  if (below[0] !== '*' || !Array.isArray(value)) return rest;
  return {
    ...params,
    [name!]: value.map((element) => (isObject(element) ? without(element, below.slice(1)) : element)),
  };
}
