import { createHash } from 'node:crypto';
import type { Stage } from '../pipeline.ts';
import type { StageContract } from '../stage-kind.ts';
import type { Json } from '../yaml/tree.ts';

/** sha256 of bytes that exist: of a file, or of a folder's names and contents */
export type Digest = string & { readonly digest: unique symbol };
/** sha256 of what a stage will read */
export type Key = string & { readonly key: unique symbol };

/** The readable record behind a key. No names of stages, no paths, times or order. */
export interface PreImage {
  record: 'stage/1';
  kind: string;
  version: number;
  /** with every default, without the params that name a source */
  params: { [key: string]: Json };
  /** param → digest of what lies at its path */
  sources: Record<string, Digest>;
  /** port → digest of the artifact */
  inputs: Record<string, Digest>;
  /** what else can change the bits of a computation; null for stages that do not compute */
  environment: Record<string, string> | null;
}

export function preImageOf(
  stage: Stage,
  kind: StageContract,
  inputs: Record<string, Digest>,
  sources: Record<string, Digest>,
  environment: Record<string, string> | null,
): PreImage {
  const params = kind.sources.reduce((rest, path) => without(rest, path.split('.')), stage.params);
  return { record: 'stage/1', kind: stage.kind, version: kind.version, params, sources, inputs, environment };
}

export const keyOf = (preImage: PreImage): Key =>
  createHash('sha256')
    .update(canonical(preImage as unknown as Json))
    .digest('hex') as Key;

/** What changed between two pre-images, each as `path: old → new`. */
export function differences(before: PreImage, after: PreImage): string[] {
  const found: string[] = [];
  if (before.version !== after.version) found.push(`behaviour version: ${before.version} → ${after.version}`);
  compare(before.params, after.params, 'params', found);
  for (const name of union(before.sources, after.sources))
    if (before.sources[name] !== after.sources[name]) found.push(`${name}: its content changed`);
  for (const port of union(before.inputs, after.inputs))
    if (before.inputs[port] !== after.inputs[port]) found.push(`input ${port} changed`);
  compare(before.environment ?? {}, after.environment ?? {}, 'environment', found);
  return found;
}

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
  return below.length > 0 && isRecord(value) ? { ...params, [name!]: without(value, below) } : rest;
}

function compare(before: Json | undefined, after: Json | undefined, path: string, found: string[]): void {
  if (isRecord(before) && isRecord(after)) {
    for (const name of union(before, after)) compare(before[name], after[name], `${path}.${name}`, found);
  } else if (before === undefined || after === undefined ? before !== after : canonical(before) !== canonical(after)) {
    found.push(`${path}: ${show(before)} → ${show(after)}`);
  }
}

const isRecord = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const union = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
const show = (value: Json | undefined): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
