import type { Verdict } from '../events.ts';
import { keyOf, preImageOf } from './key.ts';
import type { Digest, Key, PreImage } from './key.ts';
import type { Computation, Kinds } from '../stage-kind.ts';
import { inOrder } from '../order.ts';
import type { Pipeline, Stage } from '../pipeline.ts';

export interface PlannedStage {
  stage: Stage;
  /** for why a stage is due or waits, see causes.ts */
  verdict: Verdict;
  /** port → digest of the artifact that it reads; null while that one has not been made */
  inputs: Record<string, Digest | null>;
  /** null while the stage waits */
  key: Key | null;
  /** null while the stage waits */
  preImage: PreImage | null;
  /** the artifact's digest, if the stage is cached */
  artifact: Digest | null;
}

/** Everything that planning may know about the world; the functions only look things up. */
export interface Facts {
  kinds: Kinds;
  /** stage → param → digest of the user's file or folder */
  sources: Record<string, Record<string, Digest>>;
  /** stage → what it needs and this machine lacks, as messages: source files, or a program that it runs */
  missingSources: Record<string, string[]>;
  /** what else can change the bits of a computation on this machine: library, threads, processor */
  environment(computation: Computation): Record<string, string> | null;
  /** the artifact stored under a key, if it is complete */
  artifactOf(key: Key): Digest | null;
  /** whether an earlier attempt at this key left something to resume from */
  hasWork(key: Key): boolean;
  /** what the stage of this name read last time */
  previous(stageName: string): PreImage | null;
}

/** The stages in an order in which they can run, each with its verdict. */
export function planPipeline(pipeline: Pipeline, facts: Facts): PlannedStage[] {
  const artifacts = new Map<string, Digest>();
  return inOrder(pipeline.stages).map((stage) => {
    const planned = planStage(stage, artifacts, facts);
    if (planned.artifact) artifacts.set(stage.name, planned.artifact);
    return planned;
  });
}

/** `artifacts` holds the digest of every stage whose result exists. */
export function planStage(stage: Stage, artifacts: ReadonlyMap<string, Digest>, facts: Facts): PlannedStage {
  const inputs = Object.fromEntries(
    Object.entries(stage.inputs).map(([port, from]) => [port, artifacts.get(from) ?? null]),
  );
  if (facts.missingSources[stage.name]?.length || !allMade(inputs))
    return { stage, verdict: 'waits', inputs, key: null, preImage: null, artifact: null };
  const preImage = readsNow(stage, inputs, facts);
  const key = keyOf(preImage);
  const artifact = facts.artifactOf(key);
  return { stage, verdict: artifact ? 'cached' : 'due', inputs, key, preImage, artifact };
}

/** What the stage would read if it ran now; null for an input that has not been made. */
export function readsNow<Input extends Digest | null>(
  stage: Stage,
  inputs: Record<string, Input>,
  facts: Facts,
): PreImage<Input> {
  const kind = facts.kinds[stage.kind];
  if (!kind) throw new Error(`no kind ${stage.kind}`);
  const sources = facts.sources[stage.name] ?? {};
  const environment = kind.computesWith ? facts.environment(kind.computesWith(stage.params)) : null;
  return preImageOf(stage, kind, inputs, sources, environment);
}

// ---------------------------------------------------------------------------

const allMade = (inputs: Record<string, Digest | null>): inputs is Record<string, Digest> =>
  Object.values(inputs).every((digest) => digest !== null);
