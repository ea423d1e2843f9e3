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
  /**
   * stage → the step at which it is to pause, in this run; not part of the pipeline, which goes on when it is run by
   * itself
   */
  pauses?: Record<string, number>;
  /** of two runs of a session, the stages of the lower one go first */
  priority: number;
  listen: Listener;
  session: Session;
}

/**
 * Runs every stage as soon as those that feed it are there. What waits for a failed stage is skipped. The results come
 * in the file's order.
 */
export async function executePipeline(execution: Execution): Promise<StageResult[]> {
  const artifacts = new Map<string, Digest>();
  const underway = new Map<string, Promise<StageResult>>();
  for (const [place, stage] of inOrder(execution.pipeline.stages).entries()) {
    const before = Object.values(stage.inputs).flatMap((name) => underway.get(name) ?? []);
    underway.set(
      stage.name,
      Promise.all(before).then(() => finish(stage, place, artifacts, execution)),
    );
  }
  return Promise.all(underway.values());
}

// ---------------------------------------------------------------------------

/** One run of a sweep has at most so many stages before another run's would come between them. */
const STAGES_A_RUN = 100_000;

async function finish(
  stage: Stage,
  place: number,
  artifacts: Map<string, Digest>,
  execution: Execution,
): Promise<StageResult> {
  const { facts, session, listen } = execution;
  const planned = planStage(stage, artifacts, facts);
  const ended = planned.verdict !== 'cached' && session.interrupts.noNew.aborted;
  const result =
    planned.verdict === 'waits' || ended
      ? resultOf(planned, notStarted(session))
      : await settle(planned, place, execution);
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

/** What goes wrong outside the stage's own process (a full disk, a store that is gone) is that stage's failure, too. */
async function settle(
  planned: PlannedStage,
  place: number,
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
      priority: priority * STAGES_A_RUN + place,
      listen,
      session,
    });
  } catch (error) {
    const trouble = toStoreError(error, session.store.dir);
    if (trouble instanceof StoreError) return { ...resultOf(planned, 'failed'), error: trouble.message };
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
