import type { Listener, StageResult } from '../pipeline/events.ts';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import { inOrder } from '../pipeline/order.ts';
import type { Pipeline, Stage } from '../pipeline/pipeline.ts';
import { planStage } from '../pipeline/plan/plan.ts';
import type { Facts, PlannedStage } from '../pipeline/plan/plan.ts';
import type { Session } from './session.ts';
import { notStarted, resultOf, resolveStage } from './resolve-stage.ts';
import type { StageSpec } from '../store/spec.ts';
import { StoreError, toStoreError, storeNotWritable } from '../store/store-error.ts';
import { artifactDir, rememberKey, workDir } from '../store/store.ts';

export interface Execution {
  pipeline: Pipeline;
  facts: Facts;
  /** stage → param → absolute path of the user's file or folder */
  sourcePaths: Record<string, Record<string, string>>;
  /** stage → the step at which it pauses in this run; not part of the pipeline, so a plain run continues past it */
  pauses?: Record<string, number>;
  /** among the runs of a session, stages of the one with the lower number start first */
  priority: number;
  listen: Listener;
  session: Session;
}

/**
 * Runs every stage as soon as its inputs are available. Stages that depend on a failed stage are skipped. The results
 * are in the order of the pipeline file.
 */
export async function executePipeline(execution: Execution): Promise<StageResult[]> {
  const artifacts = new Map<string, Digest>();
  const results = new Map<string, Promise<StageResult>>();
  for (const [index, stage] of inOrder(execution.pipeline.stages).entries()) {
    const inputs = Object.values(stage.inputs).flatMap((name) => results.get(name) ?? []);
    results.set(
      stage.name,
      Promise.all(inputs).then(() => finish(stage, index, artifacts, execution)),
    );
  }
  return Promise.all(results.values());
}

// ---------------------------------------------------------------------------

/** Above any run's number of stages, so that priorities order first by run, then by stage. */
const MAX_STAGES_PER_RUN = 100_000;

async function finish(
  stage: Stage,
  index: number,
  artifacts: Map<string, Digest>,
  execution: Execution,
): Promise<StageResult> {
  const { facts, session, listen } = execution;
  const planned = planStage(stage, artifacts, facts);
  const interrupted = planned.verdict !== 'cached' && session.interrupts.noNew.aborted;
  const result =
    planned.verdict === 'waits' || interrupted
      ? resultOf(planned, notStarted(session))
      : await resolve(planned, index, execution);
  const artifact = result.artifact as Digest | null;
  if (artifact) artifacts.set(stage.name, artifact);
  listen({
    kind: 'stage-finished',
    result,
    dir: artifact ? artifactDir(session.store, artifact) : null,
    time: Date.now(),
  });
  if (result.outcome === 'failed' && session.onFailure !== 'keep-going') session.interrupts.ask(session.onFailure);
  return result;
}

/** Store errors outside the stage's process (a full disk, a missing store) count as failures of the stage too. */
async function resolve(
  planned: PlannedStage,
  index: number,
  { pipeline, facts, sourcePaths, pauses, priority, listen, session }: Execution,
): Promise<StageResult> {
  const { stage, preImage } = planned;
  const key = planned.key as Key;
  try {
    if (planned.verdict === 'due' && session.store.unwritable !== null)
      throw storeNotWritable(session.store.dir, session.store.unwritable);
    if (preImage) rememberKey(session.store, pipeline.name, stage.name, key, preImage);
    const spec = specOf(planned, sourcePaths[stage.name] ?? {}, pauses?.[stage.name], session);
    return await resolveStage({
      planned,
      key,
      computes: facts.kinds[stage.kind]?.computesWith !== undefined,
      spec,
      priority: priority * MAX_STAGES_PER_RUN + index,
      listen,
      session,
    });
  } catch (error) {
    const storeError = toStoreError(error, session.store.dir);
    if (storeError instanceof StoreError) return { ...resultOf(planned, 'failed'), error: storeError.message };
    throw error;
  }
}

function specOf(
  { stage, preImage, key }: PlannedStage,
  sources: Record<string, string>,
  pauseAt: number | undefined,
  { store }: Session,
): StageSpec {
  if (!preImage || !key) throw new Error(`stage ${stage.name} has no pre-image`);
  const inputs = Object.fromEntries(
    Object.entries(preImage.inputs).map(([port, digest]) => [port, artifactDir(store, digest)]),
  );
  return {
    record: 'spec/1',
    key,
    preImage,
    name: stage.name,
    kind: stage.kind,
    params: stage.params,
    runtime: pauseAt === undefined ? stage.runtime : { ...stage.runtime, pauseAt },
    inputs,
    sources,
    storeDir: store.dir,
    workDir: workDir(store, key),
  };
}
