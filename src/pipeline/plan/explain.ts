import { canonical, preImageOf } from './key.ts';
import type { Digest, PreImage } from './key.ts';
import { environmentOf } from './plan.ts';
import type { Facts, PlannedStage } from './plan.ts';
import type { Pipeline, Stage } from '../pipeline.ts';
import { isObject } from '../yaml/tree.ts';
import type { Json } from '../yaml/tree.ts';

/** One reason why a stage is not what it was, with the old and the new value. */
export type Cause =
  | { kind: 'never-ran' }
  | { kind: 'kind'; before: string; after: string }
  | { kind: 'version'; before: number; after: number }
  | { kind: 'param'; path: string; before: Json | undefined; after: Json | undefined }
  | { kind: 'environment'; name: string; before: string | undefined; after: string | undefined }
  | { kind: 'source'; param: string; before: Digest | undefined; after: Digest | undefined }
  /** `after` is null while the stage it comes from has not run; `causes` says why that one is another, if it is known */
  | {
      kind: 'input';
      port: string;
      from: string | null;
      before: Digest | undefined;
      after: Digest | null | undefined;
      causes: Cause[];
    }
  | { kind: 'missing-source'; message: string }
  | { kind: 'result-gone' }
  | { kind: 'unfinished' };

export interface Explanation {
  stage: string;
  kind: string;
  verdict: PlannedStage['verdict'];
  causes: Cause[];
  /** the stages that read this one, and those that read them: their results may become others too */
  readers: string[];
}

export interface History {
  /** the pre-image of whatever made an artifact, if the store still knows */
  makerOf(artifact: Digest, kind: string): PreImage | null;
}

/** Why a stage is due or waits, traced through its inputs to where it begins. */
export function explainStage(name: string, plan: PlannedStage[], facts: Facts, history: History): Explanation {
  const byName = new Map(plan.map((planned) => [planned.stage.name, planned]));
  const planned = byName.get(name);
  if (!planned) throw new Error(`no stage ${name}`);
  const { stage, verdict } = planned;
  const causes =
    verdict === 'cached'
      ? []
      : causesOf(planned, facts.previous(name), { byName, facts, history, open: new Set([name]) });
  return {
    stage: name,
    kind: stage.kind,
    verdict,
    causes,
    readers: readersOf(
      name,
      plan.map((each) => each.stage),
    ),
  };
}

/** What differs between two pre-images, inputs by their digests only: for two runs of one stage. */
export function causesBetween(before: PreImage, after: PreImage): Cause[] {
  return [
    ...ownCauses(before, after),
    ...union(before.inputs, after.inputs).flatMap((port): Cause[] =>
      before.inputs[port] === after.inputs[port]
        ? []
        : [{ kind: 'input', port, from: null, before: before.inputs[port], after: after.inputs[port], causes: [] }],
    ),
  ];
}

/** All stages that read this one, directly or through others, in the order given. */
export function readersOf(name: string, stages: Pipeline['stages']): string[] {
  const direct = new Map<string, string[]>();
  for (const stage of stages)
    for (const from of Object.values(stage.inputs)) direct.set(from, [...(direct.get(from) ?? []), stage.name]);
  const reached = new Set([name]);
  for (const each of reached) for (const reader of direct.get(each) ?? []) reached.add(reader); // a Set is gone through with what is added meanwhile
  return stages.map((stage) => stage.name).filter((each) => each !== name && reached.has(each));
}

// ---------------------------------------------------------------------------

interface Tracing {
  byName: Map<string, PlannedStage>;
  facts: Facts;
  history: History;
  /** the stages on the way here: a diamond is told once */
  open: Set<string>;
}

function causesOf(planned: PlannedStage, before: PreImage | null, tracing: Tracing): Cause[] {
  const { stage, key, reasons } = planned;
  const { facts } = tracing;
  const missing = reasons.flatMap((reason): Cause[] =>
    reason.startsWith('waits for its source: ')
      ? [{ kind: 'missing-source', message: reason.slice('waits for its source: '.length) }]
      : [],
  );
  if (missing.length) return missing;
  const unfinished: Cause[] = key && facts.hasWork(key) ? [{ kind: 'unfinished' }] : [];
  if (!before) return [{ kind: 'never-ran' }, ...inputCauses(stage, null, tracing), ...unfinished];
  if (before.kind !== stage.kind) return [{ kind: 'kind', before: before.kind, after: stage.kind }];
  const causes = [...ownCauses(before, nowOf(planned, facts)), ...inputCauses(stage, before, tracing)];
  if (causes.length === 0 && unfinished.length === 0 && planned.verdict === 'due') return [{ kind: 'result-gone' }];
  return [...causes, ...unfinished];
}

/** What the stage would read now, as far as it is known: without the inputs that are not made yet. */
function nowOf({ stage, preImage }: PlannedStage, facts: Facts): PreImage {
  const kind = facts.kinds[stage.kind];
  if (!kind) throw new Error(`no kind ${stage.kind}`);
  return preImage ?? preImageOf(stage, kind, {}, facts.sources[stage.name] ?? {}, environmentOf(stage, kind, facts));
}

function ownCauses(before: PreImage, after: PreImage): Cause[] {
  const causes: Cause[] = [];
  if (before.kind !== after.kind) causes.push({ kind: 'kind', before: before.kind, after: after.kind });
  if (before.version !== after.version) causes.push({ kind: 'version', before: before.version, after: after.version });
  paramCauses(before.params, after.params, '', causes);
  for (const param of union(before.sources, after.sources))
    if (before.sources[param] !== after.sources[param])
      causes.push({ kind: 'source', param, before: before.sources[param], after: after.sources[param] });
  const [old, now] = [before.environment ?? {}, after.environment ?? {}];
  for (const name of union(old, now))
    if (old[name] !== now[name]) causes.push({ kind: 'environment', name, before: old[name], after: now[name] });
  return causes;
}

function paramCauses(before: Json | undefined, after: Json | undefined, path: string, causes: Cause[]): void {
  if (isObject(before) && isObject(after))
    for (const name of union(before, after))
      paramCauses(before[name], after[name], path ? `${path}.${name}` : name, causes);
  else if ((before === undefined) !== (after === undefined) || canonical(before ?? null) !== canonical(after ?? null))
    causes.push({ kind: 'param', path, before, after });
}

/** Inputs that are others, or may become so, each with why. */
function inputCauses(stage: Stage, before: PreImage | null, tracing: Tracing): Cause[] {
  const ports = union(before?.inputs ?? {}, stage.inputs);
  return ports.flatMap((port): Cause[] => {
    const from = stage.inputs[port] ?? null;
    const old = before?.inputs[port];
    const source = from === null ? undefined : tracing.byName.get(from);
    const now = from === null ? undefined : (source?.artifact ?? null);
    if (now !== null && (now === old || !before)) return [];
    return [
      {
        kind: 'input',
        port,
        from,
        before: old,
        after: now,
        causes: source && before ? upstreamCauses(source, old, tracing) : [],
      },
    ];
  });
}

function upstreamCauses(source: PlannedStage, old: Digest | undefined, tracing: Tracing): Cause[] {
  const { name, kind } = source.stage;
  if (tracing.open.has(name)) return [];
  tracing.open.add(name);
  const before = (old && tracing.history.makerOf(old, kind)) ?? tracing.facts.previous(name);
  // made already, with other bytes: what it read then and what it reads now
  if (source.verdict === 'cached')
    return before
      ? [...ownCauses(before, nowOf(source, tracing.facts)), ...inputCauses(source.stage, before, tracing)]
      : [];
  return causesOf(source, before, tracing);
}

const union = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
