import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener, RunEvent, StageResult } from '../pipeline/events.ts';
import type { Digest, Key } from '../pipeline/key.ts';
import { planStage } from '../pipeline/plan.ts';
import type { Facts, PlannedStage } from '../pipeline/plan.ts';
import { inOrder } from '../pipeline/order.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { readJson, writeWhole } from './files.ts';
import { eventReader } from './follow-events.ts';
import { startLocalProcess } from './local-process.ts';
import { acquireLock } from '../process/lock.ts';
import type { StageFailure, StageSpec } from './spec.ts';
import { artifactDir, findEntry, keyDir, lockDir, rememberKey, workDir } from './store.ts';
import type { Store } from './store.ts';

export interface Execution {
  pipeline: Pipeline;
  facts: Facts;
  store: Store;
  /** stage → param → absolute path of the user's file or folder */
  sourcePaths: Record<string, Record<string, string>>;
  cliPath: string;
  listen: Listener;
  /** first: the stage saves and stops */
  stop: AbortSignal;
  /** second: at once */
  kill: AbortSignal;
  /** its `save` events: the running stage saves and goes on */
  saves: EventTarget;
}

/** Runs the stages in order; what waits for a failed stage is skipped, what does not goes on. */
export async function executePipeline(execution: Execution): Promise<StageResult[]> {
  const { pipeline, facts, store, listen } = execution;
  const artifacts = new Map<string, Digest>();
  const results: StageResult[] = [];
  for (const stage of inOrder(pipeline.stages)) {
    const planned = planStage(stage, artifacts, facts);
    const result = planned.verdict === 'waits' || execution.stop.aborted ? skipped(planned, execution) : await settle(planned, execution);
    if (result.artifact) artifacts.set(stage.name, result.artifact as Digest);
    results.push(result);
    listen({ kind: 'stage-finished', result, dir: result.artifact ? artifactDir(store, result.artifact as Digest) : null, time: Date.now() });
  }
  return results;
}

// ---------------------------------------------------------------------------

async function settle(planned: PlannedStage, execution: Execution): Promise<StageResult> {
  const key = planned.key as Key;
  if (planned.preImage) rememberKey(execution.store, execution.pipeline.name, planned.stage.name, key, planned.preImage);
  if (planned.verdict === 'cached') return fromStore(planned, key, execution);
  const { store, listen } = execution;
  const stage = planned.stage.name;
  const wait = (pid: number) => tell({ kind: 'note', text: `process ${pid} works at the same stage; waiting for it` }, stage, listen);
  let release: () => void;
  try {
    release = await acquireLock(lockDir(store, key), wait, execution.stop);
  } catch (error) {
    if (execution.stop.aborted) return base(planned, 'stopped', 0);
    throw error;
  }
  try {
    // The process that was waited for may have made what we are about to make.
    return findEntry(store, key) ? fromStore(planned, key, execution) : await runStage(planned, key, execution);
  } finally {
    release();
  }
}

/** A hit: the metrics of the run that made it are told again, with their own times. */
function fromStore(planned: PlannedStage, key: Key, { store, listen }: Execution): StageResult {
  const events = eventReader(join(keyDir(store, key), 'events.jsonl')).read();
  for (const event of events) if (event.kind === 'metric' || event.kind === 'sample') listen({ kind: 'stage-event', stage: planned.stage.name, replayed: true, event });
  const entry = findEntry(store, key);
  return { ...base(planned, 'cached', 0), artifact: entry?.artifact ?? null };
}

async function runStage(planned: PlannedStage, key: Key, execution: Execution): Promise<StageResult> {
  const { store, listen, stop, kill, saves } = execution;
  const { stage } = planned;
  const started = performance.now();
  listen({ kind: 'stage-started', stage: stage.name, time: Date.now() });
  const dir = workDir(store, key);
  mkdirSync(dir, { recursive: true });
  const specPath = join(dir, 'spec.json');
  rmSync(specPath, { force: true });
  writeWhole(specPath, `${JSON.stringify(specOf(planned, key, dir, execution), null, 2)}\n`);

  const reader = eventReader(join(dir, 'events.jsonl'));
  let resumedAt: number | undefined;
  for (const event of reader.read()) if (event.kind === 'metric') listen({ kind: 'stage-event', stage: stage.name, replayed: true, event });
  const drain = (): void => {
    for (const event of reader.read()) {
      if (event.kind === 'resumed') resumedAt = event.step;
      listen({ kind: 'stage-event', stage: stage.name, replayed: false, event });
    }
  };

  const child = startLocalProcess(execution.cliPath, specPath, dir);
  const onStop = () => child.stop();
  const onKill = () => child.kill();
  const onSave = () => child.save();
  stop.addEventListener('abort', onStop);
  kill.addEventListener('abort', onKill);
  saves.addEventListener('save', onSave);
  if (stop.aborted) onStop();
  const polling = setInterval(drain, 100);
  const exit = await child.ended;
  clearInterval(polling);
  stop.removeEventListener('abort', onStop);
  kill.removeEventListener('abort', onKill);
  saves.removeEventListener('save', onSave);

  // A sealed stage has moved its events beside its key.
  const sealed = exit === 'done' ? findEntry(store, key) : null;
  if (sealed) drainSealed(reader.offset(), key, execution, stage.name, (step) => (resumedAt = step));
  else drain();
  const seconds = (performance.now() - started) / 1000;
  if (sealed) return { ...base(planned, resumedAt === undefined ? 'ran' : 'resumed', seconds), artifact: sealed.artifact, resumedAt };
  if (exit === 'stopped' || kill.aborted) return base(planned, 'stopped', seconds);
  return { ...base(planned, 'failed', seconds), error: failureText(dir, exit === 'done') };
}

function drainSealed(offset: number, key: Key, { store, listen }: Execution, stage: string, resumed: (step: number) => void): void {
  const reader = eventReader(join(keyDir(store, key), 'events.jsonl'), offset);
  for (const event of reader.read()) {
    if (event.kind === 'resumed') resumed(event.step);
    listen({ kind: 'stage-event', stage, replayed: false, event });
  }
}

function specOf({ stage, preImage }: PlannedStage, key: Key, dir: string, { store, facts, sourcePaths }: Execution): StageSpec {
  if (!preImage) throw new Error(`stage ${stage.name} has no pre-image`);
  const inputs = Object.fromEntries(Object.entries(preImage.inputs).map(([port, digest]) => [port, artifactDir(store, digest)]));
  const sources = sourcePaths[stage.name] ?? {};
  if (!facts.kinds[stage.kind]) throw new Error(`no kind ${stage.kind}`);
  return { record: 'spec/1', key, preImage, name: stage.name, kind: stage.kind, params: stage.params, runtime: stage.runtime, inputs, sources, storeDir: store.dir, workDir: dir };
}

function skipped(planned: PlannedStage, execution: Execution): StageResult {
  return base(planned, execution.stop.aborted ? 'stopped' : 'skipped', 0);
}

const base = (planned: PlannedStage, outcome: StageResult['outcome'], seconds: number): StageResult => ({
  name: planned.stage.name,
  kind: planned.stage.kind,
  outcome,
  key: planned.key,
  artifact: null,
  seconds: Math.round(seconds * 1000) / 1000,
});

function failureText(dir: string, claimedDone: boolean): string {
  const failure = readJson<StageFailure>(join(dir, 'failure.json'));
  const log = join(dir, 'log.txt');
  if (failure) return [failure.message, failure.hint ? `  hint: ${failure.hint}` : '', failure.stack ? `  log: ${log}` : ''].filter(Boolean).join('\n');
  const what = claimedDone ? 'the process ended well, but its result is not in the store' : 'the process died without a word (killed, or out of memory?)';
  return existsSync(log) ? `${what}\n  log: ${log}` : what;
}

function tell(event: { kind: 'note'; text: string }, stage: string, listen: Listener): void {
  const time = Date.now();
  listen({ kind: 'stage-event', stage, replayed: false, event: { ...event, time } } satisfies RunEvent);
}
