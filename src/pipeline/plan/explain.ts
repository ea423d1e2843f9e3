import { causesOf, causesSince, changesSince } from './causes.ts';
import type { Cause, InputCause } from './causes.ts';
import type { Digest, PreImage } from './key.ts';
import type { Facts, PlannedStage } from './plan.ts';
import type { Pipeline } from '../pipeline.ts';

export interface Explanation {
  stage: string;
  kind: string;
  verdict: PlannedStage['verdict'];
  causes: Cause[];
  /** the stages that read this one, directly or through others: their results may change too */
  readers: string[];
}

export interface History {
  /** the pre-image of the stage run that made an artifact, if the store still has it */
  makerOf(artifact: Digest, kind: string): PreImage | null;
}

/** Why a stage is due or waits: the causes that `plan` gives, each traced upstream to where it began. */
export function explainStage(name: string, plan: PlannedStage[], facts: Facts, history: History): Explanation {
  const byName = new Map(plan.map((planned) => [planned.stage.name, planned]));
  const planned = byName.get(name);
  if (!planned) throw new Error(`no stage ${name}`);
  const stages = plan.map(({ stage }) => stage);
  return {
    stage: name,
    kind: planned.stage.kind,
    verdict: planned.verdict,
    causes: traced(causesOf(planned, facts), { byName, facts, history, visited: new Set([name]) }),
    readers: readersOf(name, stages),
  };
}

/** All stages that read this one, directly or through others, in the order given. */
export function readersOf(name: string, stages: Pipeline['stages']): string[] {
  const readers = new Map<string, string[]>();
  for (const stage of stages)
    for (const input of Object.values(stage.inputs)) readers.set(input, [...(readers.get(input) ?? []), stage.name]);
  const reached = new Set([name]);
  // iterating over a Set also visits what is added on the way
  for (const stage of reached) for (const reader of readers.get(stage) ?? []) reached.add(reader);
  return stages.map((stage) => stage.name).filter((stage) => stage !== name && reached.has(stage));
}

// ---------------------------------------------------------------------------

interface Tracing {
  byName: Map<string, PlannedStage>;
  facts: Facts;
  history: History;
  /** stages that were traced already: where paths meet again, the causes are given once */
  visited: Set<string>;
}

/** The same causes, with those of each changed input's stage filled in. */
function traced(causes: Cause[], tracing: Tracing): Cause[] {
  if (causes.some(({ kind }) => kind === 'never-ran')) return causes; // there is nothing to compare inputs with
  return causes.map((cause) => (cause.kind === 'input' ? { ...cause, causes: upstreamCauses(cause, tracing) } : cause));
}

/** Why the stage behind an input now has a different result from the one that was read before. */
function upstreamCauses({ from, before: artifact }: InputCause, tracing: Tracing): Cause[] {
  const { byName, facts, history, visited } = tracing;
  const maker = from === null ? undefined : byName.get(from);
  if (!maker || visited.has(maker.stage.name)) return [];
  visited.add(maker.stage.name);
  const { name, kind } = maker.stage;
  const before = (artifact && history.makerOf(artifact, kind)) ?? facts.previous(name);
  if (maker.verdict !== 'cached') return traced(causesSince(before, maker, facts), tracing);
  // it ran in the meantime: compare what made the old artifact with what made the present one
  return before ? traced(changesSince(before, maker, facts), tracing) : [];
}
