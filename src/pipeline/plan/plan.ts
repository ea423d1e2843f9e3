import type { Verdict } from '../events.ts';
import { differences, keyOf, preImageOf } from './key.ts';
import type { Digest, Key, PreImage } from './key.ts';
import type { Computation, Kinds, StageContract } from '../stage-kind.ts';
import { inOrder } from '../order.ts';
import type { Pipeline, Stage } from '../pipeline.ts';

export interface PlannedStage {
  stage: Stage;
  verdict: Verdict;
  /** why, in words; empty for `cached` */
  reasons: string[];
  /** null while an input does not exist yet */
  key: Key | null;
  preImage: PreImage | null;
  /** the artifact's digest, if the stage is cached */
  artifact: Digest | null;
}

/** All that planning may know of the world; the functions only look up. */
export interface Facts {
  kinds: Kinds;
  /** stage → param → digest of the user's file or folder */
  sources: Record<string, Record<string, Digest>>;
  /** what else can change the bits of a computation on this machine: library, threads, processor */
  environment(computation: Computation): Record<string, string> | null;
  /** the artifact sealed under a key, if it is whole */
  artifactOf(key: Key): Digest | null;
  /** whether a dead attempt at this key left something to go on from */
  hasWork(key: Key): boolean;
  /** what the stage of this name read last time */
  previous(stageName: string): PreImage | null;
}

/** The stages in order, each with its verdict and why. */
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
  const kind = facts.kinds[stage.kind];
  if (!kind) throw new Error(`no kind ${stage.kind}`);
  const missing = [...new Set(Object.values(stage.inputs).filter((name) => !artifacts.has(name)))];
  if (missing.length)
    return {
      stage,
      verdict: 'waits',
      reasons: [`waits for ${missing.join(', ')}`],
      key: null,
      preImage: null,
      artifact: null,
    };
  const inputs = Object.fromEntries(
    Object.entries(stage.inputs).map(([port, name]) => [port, artifacts.get(name) as Digest]),
  );
  const preImage = preImageOf(stage, kind, inputs, facts.sources[stage.name] ?? {}, environmentOf(stage, kind, facts));
  const key = keyOf(preImage);
  const artifact = facts.artifactOf(key);
  if (artifact) return { stage, verdict: 'cached', reasons: [], key, preImage, artifact };
  return { stage, verdict: 'due', reasons: whyDue(stage.name, key, preImage, facts), key, preImage, artifact: null };
}

/** What the key of a stage records of the machine; null for a stage that does not compute on a device. */
export function environmentOf(
  { params }: Stage,
  { computesWith }: StageContract,
  facts: Facts,
): Record<string, string> | null {
  return computesWith ? facts.environment(computesWith(params)) : null;
}

// ---------------------------------------------------------------------------

function whyDue(name: string, key: Key, preImage: PreImage, facts: Facts): string[] {
  const before = facts.previous(name);
  const resumes = facts.hasWork(key) ? ['goes on from an unfinished attempt'] : [];
  if (!before) return resumes.length ? resumes : ['has not run yet'];
  if (before.kind !== preImage.kind) return [`kind: ${before.kind} → ${preImage.kind}`];
  const changed = differences(before, preImage);
  if (changed.length) return [...changed, ...resumes];
  return resumes.length ? resumes : ['its result is not in the store'];
}
