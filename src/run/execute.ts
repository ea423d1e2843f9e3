import type { Listener, StageResult } from '../pipeline/events.ts';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import { inOrder } from '../pipeline/order.ts';
import type { Pipeline, Stage } from '../pipeline/pipeline.ts';
import { planStage } from '../pipeline/plan/plan.ts';
import type { Facts, PlannedStage } from '../pipeline/plan/plan.ts';
import type { Session } from './session.ts';
import { repairArtifact } from '../gc/repair.ts';
import { DamagedInputs } from './damaged-inputs.ts';
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
  const progress: Progress = { artifacts: new Map(), results: new Map(), repairs: new Map() };
  const { results } = progress;
  const stages = inOrder(execution.pipeline.stages);
  for (const stage of stages) {
    const inputs = Object.values(stage.inputs).flatMap((name) => results.get(name) ?? []);
    results.set(
      stage.name,
      Promise.all(inputs).then(() => finish(stage, progress, execution)),
    );
  }
  await Promise.all(results.values());
  return Promise.all(stages.map(({ name }) => results.get(name)!)); // some have been repaired meanwhile
}

// ---------------------------------------------------------------------------

interface Progress {
  /** stage → the digest of its result */
  artifacts: Map<string, Digest>;
  /** stage → its latest result */
  results: Map<string, Promise<StageResult>>;
  /** damaged artifact → its repair */
  repairs: Map<Digest, Promise<void>>;
}

/** Above any run's number of stages, so that priorities order first by run, then by stage. */
const MAX_STAGES_PER_RUN = 100_000;

async function finish(stage: Stage, progress: Progress, execution: Execution): Promise<StageResult> {
  const { session, listen } = execution;
  const { artifacts } = progress;
  const result = await resultFor(stage, progress, execution);
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

/** Repairs inputs that turn out to be damaged, and tries again. */
async function resultFor(stage: Stage, progress: Progress, execution: Execution): Promise<StageResult> {
  const { facts, session } = execution;
  for (let tries = 1; ; tries++) {
    const planned = planStage(stage, progress.artifacts, facts);
    const interrupted = planned.verdict !== 'cached' && session.interrupts.noNew.aborted;
    if (planned.verdict === 'waits' || interrupted) return resultOf(planned, notStarted(session));
    try {
      return await resolve(planned, execution);
    } catch (error) {
      if (!(error instanceof DamagedInputs)) throw error;
      if (tries === MAX_REPAIRS)
        return {
          ...resultOf(planned, 'failed'),
          error: 'its inputs keep getting damaged: check the disk and the memory',
        };
      for (const artifact of error.artifacts) await repair(artifact, stage, progress, execution);
    }
  }
}

/** Damage that comes back: the disk or the memory is failing. */
const MAX_REPAIRS = 3;

/** Moves a damaged artifact into the trash and computes it again, once for all stages that read it. */
async function repair(damaged: Digest, reader: Stage, progress: Progress, execution: Execution): Promise<void> {
  const { pipeline, session, listen } = execution;
  const { artifacts, results, repairs } = progress;
  const ongoing = repairs.get(damaged);
  if (ongoing) return ongoing;
  const name = Object.values(reader.inputs).find((from) => artifacts.get(from) === damaged);
  const producer = pipeline.stages.find((stage) => stage.name === name);
  if (!producer) return;
  const repaired = (async () => {
    const bag = await repairArtifact(session.store, damaged);
    if (bag !== null) {
      const text = `its artifact is damaged; moved it to ${bag.dir}; computing it again`;
      const event = { kind: 'warning' as const, text, time: Date.now() };
      listen({ kind: 'stage-event', stage: producer.name, replayed: false, event });
    }
    artifacts.delete(producer.name);
    const again = finish(producer, progress, execution);
    results.set(producer.name, again);
    await again;
    repairs.delete(damaged);
  })();
  repairs.set(damaged, repaired);
  return repaired;
}

/** Store errors outside the stage's process (a full disk, a missing store) count as failures of the stage too. */
async function resolve(
  planned: PlannedStage,
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
      priority: priority * MAX_STAGES_PER_RUN + pipeline.stages.indexOf(stage),
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
