import { canonical } from './key.ts';
import type { Digest, PreImage } from './key.ts';
import { readsNow } from './plan.ts';
import type { Facts, PlannedStage } from './plan.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

/**
 * One reason why a stage is due or waits, with the old and the new value. `runner explain --json` and `runner diff
 * --json` print causes as they are, so their shape is documented in src/cli/README.md.
 */
export type Cause =
  | { kind: 'never-ran' }
  | { kind: 'kind'; before: string; after: string }
  | { kind: 'version'; before: number; after: number }
  | { kind: 'param'; path: string; before: Json | undefined; after: Json | undefined }
  | { kind: 'environment'; name: string; before: string | undefined; after: string | undefined }
  | { kind: 'source'; param: string; before: Digest | undefined; after: Digest | undefined }
  | InputCause
  /** a file of the user's, or anything else that the stage needs on this machine, is missing */
  | { kind: 'missing-source'; message: string }
  /** nothing changed, but the store has no intact result */
  | { kind: 'result-gone' }
  /** an earlier attempt left work to resume from */
  | { kind: 'unfinished' };

export interface InputCause {
  kind: 'input';
  port: string;
  /** the stage that makes the input now; null if there is none, or between two runs */
  from: string | null;
  before: Digest | undefined;
  /** null while the input has not been made: the stage waits for it */
  after: Digest | null | undefined;
  /** why the stage that makes the input changed; empty unless causes were traced upstream, see explain.ts */
  causes: Cause[];
}

/** Why a stage is due or waits, compared with its last run; empty for a cached one. */
export function causesOf(planned: PlannedStage, facts: Facts): Cause[] {
  return planned.verdict === 'cached' ? [] : causesSince(facts.previous(planned.stage.name), planned, facts);
}

/** Why a stage that is not cached is due or waits, compared with what it read before; null if it never ran. */
export function causesSince(before: PreImage | null, planned: PlannedStage, facts: Facts): Cause[] {
  const { stage, key } = planned;
  const missing = facts.missingSources[stage.name] ?? [];
  if (missing.length) return missing.map((message) => ({ kind: 'missing-source', message }));
  // the inputs of stages of different kinds cannot be compared
  if (before && before.kind !== stage.kind)
    return [{ kind: 'kind', before: before.kind, after: stage.kind }, ...awaited(planned)];
  const changes: Cause[] = before ? changesSince(before, planned, facts) : [{ kind: 'never-ran' }, ...awaited(planned)];
  if (key && facts.hasWork(key)) return [...changes, { kind: 'unfinished' }];
  return changes.length ? changes : [{ kind: 'result-gone' }];
}

/** What the stage would read now that differs from what it read before. */
export function changesSince(before: PreImage, { stage, inputs }: PlannedStage, facts: Facts): Cause[] {
  return changesBetween(before, readsNow(stage, inputs, facts), stage.inputs);
}

/** Every difference between two pre-images, each once. `makers` names the stage behind each input port, if known. */
export function changesBetween(
  before: PreImage,
  after: PreImage<Digest | null>,
  makers: Record<string, string> = {},
): Cause[] {
  const kind: Cause[] = before.kind === after.kind ? [] : [{ kind: 'kind', before: before.kind, after: after.kind }];
  const version: Cause[] =
    before.version === after.version ? [] : [{ kind: 'version', before: before.version, after: after.version }];
  return [
    ...kind,
    ...version,
    ...paramChanges(before.params, after.params),
    ...changedEntries(before.sources, after.sources).map(([param, old, now]): Cause => ({
      kind: 'source',
      param,
      before: old,
      after: now,
    })),
    ...changedEntries(before.environment ?? {}, after.environment ?? {}).map(([name, old, now]): Cause => ({
      kind: 'environment',
      name,
      before: old,
      after: now,
    })),
    ...changedEntries<Digest, Digest | null>(before.inputs, after.inputs).map(([port, old, now]): Cause =>
      inputCause(port, makers, old, now),
    ),
  ];
}

// ---------------------------------------------------------------------------

/** The inputs that have not been made yet, for a stage whose other inputs cannot be compared with anything. */
const awaited = ({ stage, inputs }: PlannedStage): Cause[] =>
  Object.keys(inputs)
    .sort()
    .flatMap((port) => (inputs[port] === null ? [inputCause(port, stage.inputs, undefined, null)] : []));

const inputCause = (
  port: string,
  makers: Record<string, string>,
  before: Digest | undefined,
  after: Digest | null | undefined,
): InputCause => ({ kind: 'input', port, from: valueOf(makers, port) ?? null, before, after, causes: [] });

/** Objects, and lists of as many objects, are compared value by value, everything else as a whole. */
function paramChanges(before: { [key: string]: Json }, after: { [key: string]: Json }, prefix = ''): Cause[] {
  return names(before, after).flatMap((name): Cause[] => {
    const [old, now, path] = [valueOf(before, name), valueOf(after, name), `${prefix}${name}`];
    if (isObject(old) && isObject(now)) return paramChanges(old, now, `${path}.`);
    if (isListOfObjects(old) && isListOfObjects(now) && old.length === now.length)
      return paramChanges(Object.fromEntries(old.entries()), Object.fromEntries(now.entries()), `${path}.`);
    return equal(old, now) ? [] : [{ kind: 'param', path, before: old, after: now }];
  });
}

const isListOfObjects = (value: Json | undefined): value is { [key: string]: Json }[] =>
  Array.isArray(value) && value.every(isObject);

/** `[name, before, after]` of each name whose value differs. */
function changedEntries<Old, New>(
  before: Record<string, Old>,
  after: Record<string, New>,
): [string, Old | undefined, New | undefined][] {
  return names(before, after)
    .map((name): [string, Old | undefined, New | undefined] => [name, valueOf(before, name), valueOf(after, name)])
    .filter(([, old, now]) => (old as unknown) !== now);
}

const equal = (one: Json | undefined, other: Json | undefined): boolean =>
  one === undefined || other === undefined ? one === other : canonical(one) === canonical(other);

const names = (one: object, other: object): string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();

/** Params may be named like a property that every object has, e.g. `constructor`. */
const valueOf = <Value>(record: Record<string, Value>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
