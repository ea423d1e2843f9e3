import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hostname } from 'node:os';
import type { Listener, StageEvent, StageResult } from '../pipeline/events.ts';
import type { Key } from '../pipeline/plan/key.ts';
import { durationMs, needsOf } from '../pipeline/needs.ts';
import type { PlannedStage } from '../pipeline/plan/plan.ts';
import type { ProcessMark } from '../process/process-mark.ts';
import { followAttempt } from './attempt.ts';
import { DamagedInputs } from './damaged-inputs.ts';
import type { AttemptOutcome } from './attempt.ts';
import { replaceFileDurably } from '../files/replace-file.ts';
import { sha256OfFile } from '../files/sha256.ts';
import { eventReader } from '../history/follow-events.ts';
import { adoptProcess, startLocalProcess } from './executor/local-process.ts';
import type { Session } from './session.ts';
import { FAILURE_FILE, STOPPED_FILE } from '../store/spec.ts';
import type { StageSpec } from '../store/spec.ts';
import { pausedStep } from '../history/stage-metrics.ts';
import { counted } from '../numbers/counted.ts';
import { findEntry, hasWork, keyDir, lockDir, readEntry, workDir } from '../store/store.ts';
import { runningStageProcess, acquireKeyLock } from './key-lock.ts';

export interface StageJob {
  planned: PlannedStage;
  key: Key;
  /** whether its kind computes; if so, it reserves every core unless the pipeline declares `needs` */
  computes: boolean;
  spec: StageSpec;
  /** lower runs first */
  priority: number;
  listen: Listener;
  session: Session;
}

/**
 * Produces the result of one stage: from the store, from another run of this command that is computing the same key, or
 * by running a process. Throws DamagedInputs.
 */
export async function resolveStage(job: StageJob): Promise<StageResult> {
  const { planned, key, session } = job;
  if (planned.verdict === 'cached') return fromStore(job);
  const pending = session.inFlight.get(key);
  if (pending) {
    const shared = await pending;
    await setImmediate(); // let the run that computed it continue first
    return sharedResult(shared, job);
  }
  const result = computeOrFind(job).finally(() => session.inFlight.delete(key));
  session.inFlight.set(key, result);
  return result;
}

export const resultOf = (planned: PlannedStage, outcome: StageResult['outcome'], seconds = 0): StageResult => ({
  name: planned.stage.name,
  kind: planned.stage.kind,
  outcome,
  key: planned.key,
  artifact: null,
  seconds: Math.round(seconds * 1000) / 1000,
});

// ---------------------------------------------------------------------------

/** Cache hit: replay the original run's events with their original timestamps. */
function fromStore({ planned, key, session: { store }, listen }: StageJob): StageResult {
  const path = join(keyDir(store, key), 'events.jsonl');
  // If the plan found the artifact, it has just checked the files.
  const entry = planned.artifact === null ? findEntry(store, key) : readEntry(store, key);
  const sum = entry?.beside?.['events.jsonl']?.sha256;
  const isDamaged = sum !== undefined && sha256OfFile(path) !== sum;
  if (isDamaged) listen(noteOf(planned, 'the record of its metrics is damaged, so they are not shown', 'warning'));
  for (const event of isDamaged ? [] : eventReader(path).read())
    if (event.kind !== 'progress') listen({ kind: 'stage-event', stage: planned.stage.name, replayed: true, event });
  return {
    ...resultOf(planned, 'cached'),
    artifact: entry?.artifact ?? null,
    ...(entry ? { originalSeconds: Math.round(entry.seconds * 1000) / 1000 } : {}),
  };
}

/** The result that another run of this command got for the same key, as this stage's result. */
function sharedResult(shared: StageResult, job: StageJob): StageResult {
  if (shared.artifact) return fromStore(job);
  return { ...shared, name: job.planned.stage.name, seconds: 0 };
}

/**
 * Takes the key's lock first. By the time we get it, another process may have computed the result, or be computing it
 * now.
 */
async function computeOrFind(job: StageJob): Promise<StageResult> {
  const { planned, key, session, listen } = job;
  const onWait = ({ pid, host }: ProcessMark): void =>
    listen(
      noteOf(
        planned,
        `process ${pid}${host === hostname() ? '' : ` on ${host}`} is running the same stage; waiting for it`,
      ),
    );
  const lock = await acquireKeyLock(lockDir(session.store, key), { onWait, signal: session.interrupts.noNew });
  if (!lock) return resultOf(planned, notStarted(session));
  try {
    if (findEntry(session.store, key)) return fromStore(job);
    return alreadyPaused(job) ?? (await runAttempts(job));
  } finally {
    lock.release();
  }
}

/** For a stage that should pause at a step: the result of an earlier attempt that already paused there or later. */
function alreadyPaused({ planned, key, spec, listen, session: { store } }: StageJob): StageResult | null {
  const pauseAt = spec.runtime['pauseAt'];
  const pausedAt = typeof pauseAt === 'number' && pauseAt > 0 ? pausedStep(store, key) : null;
  if (pausedAt === null || pausedAt < Number(pauseAt)) return null;
  for (const event of eventReader(join(workDir(store, key), 'events.jsonl')).read())
    if (event.kind === 'metric') listen({ kind: 'stage-event', stage: planned.stage.name, replayed: true, event });
  return { ...resultOf(planned, 'paused'), pausedAt };
}

async function runAttempts(job: StageJob): Promise<StageResult> {
  const { planned, key, session, listen } = job;
  const { stage } = planned;
  let startedMs: number | null = null; // excludes the wait for a slot
  const maxAttempts = 1 + (stage.retry?.times ?? 0);
  const result = (outcome: StageResult['outcome'], count: number): StageResult => ({
    ...resultOf(planned, outcome, startedMs === null ? 0 : (performance.now() - startedMs) / 1000),
    ...(count > 1 ? { attempts: count } : {}),
  });
  for (let count = 1, first = true; ; first = false) {
    const attempt = await runAttempt(job, { count, first, onStart: () => (startedMs ??= performance.now()) });
    switch (attempt?.kind) {
      case undefined:
        return result(notStarted(session), count);
      case 'again':
        continue;
      case 'sealed':
        return {
          ...result(attempt.resumedAt === undefined ? 'ran' : 'resumed', count),
          artifact: attempt.entry.artifact,
          ...(attempt.resumedAt === undefined ? {} : { resumedAt: attempt.resumedAt }),
        };
      case 'damaged':
        throw new DamagedInputs(attempt.artifacts);
      case 'paused':
        return { ...result('paused', count), pausedAt: attempt.step };
      case 'stopped':
        return { ...result('stopped', count), ...stoppedText(attempt, job) };
      case 'failed':
        if (!attempt.died || count >= maxAttempts || session.interrupts.noNew.aborted)
          return { ...result('failed', count), ...failureOf(attempt, join(workDir(session.store, key), 'log.txt')) };
        count++;
        listen(noteOf(planned, `${attempt.message}; attempt ${count} of ${maxAttempts}`, 'warning'));
    }
  }
}

/** Where a stopped stage resumes, and what is lost. */
function stoppedText(
  { timeLimit, killed, progress: { reached, saved, advanced } }: Extract<AttemptOutcome, { kind: 'stopped' }>,
  { planned: { stage }, key, session: { store } }: StageJob,
): Pick<StageResult, 'error' | 'stoppedAt'> {
  const stoppedAt = saved === null ? {} : { stoppedAt: saved };
  if (killed) {
    const lost =
      saved === null
        ? 'nothing was saved, so the next run starts it again'
        : `its newest checkpoint is from step ${saved}${reached !== null && reached > saved ? `, so ${counted(reached - saved, 'step')} are lost` : ''}`;
    return { ...stoppedAt, error: `killed${reached === null ? '' : ` at step ${reached}`}; ${lost}` };
  }
  if (!timeLimit) return stoppedAt;
  const [what, hint] =
    saved !== null && advanced
      ? [`saved and stopped at step ${saved}`, 'the next run resumes there']
      : saved !== null
        ? [`stopped before its first step after step ${saved}`, 'raise timeLimit, or the next run stops there again']
        : hasWork(store, key)
          ? ['stopped', 'the next run continues with what it left in its scratch folder']
          : ['stopped; it saved nothing', 'raise timeLimit: the next run starts it again'];
  return { ...stoppedAt, error: `reached its time limit of ${stage.timeLimit} and ${what}\n  hint: ${hint}` };
}

/** Null if the run was interrupted before a slot was free. */
async function runAttempt(
  { planned, key, computes, spec, priority, listen, session }: StageJob,
  { count, first, onStart }: { count: number; first: boolean; onStart(): void },
): Promise<AttemptOutcome | null> {
  const { store, slots, interrupts } = session;
  const { stage } = planned;
  const needs = needsOf(stage, { computes, attempt: count, capacity: slots.capacity });
  const running = runningStageProcess(lockDir(store, key), 'here');
  const slot = running ? slots.occupy(needs) : await slots.take(needs, priority, interrupts.noNew).catch(() => null);
  if (!slot) return null;
  onStart();
  try {
    if (first) listen({ kind: 'stage-started', stage: stage.name, key, time: Date.now() });
    if (running)
      listen(noteOf(planned, `process ${running.pid} of an earlier run is still running this stage; adopted it`));
    const dir = workDir(store, key);
    const specPath = join(dir, 'spec.json');
    mkdirSync(dir, { recursive: true });
    if (!running) {
      for (const name of [FAILURE_FILE, STOPPED_FILE]) rmSync(join(dir, name), { force: true });
      replaceFileDurably(specPath, `${JSON.stringify(spec, null, 2)}\n`);
    }
    const attempt = {
      store,
      key,
      stage: stage.name,
      listen,
      interrupts,
      adopted: running !== undefined,
      replayEarlier: first,
      timeLimitMs: stage.timeLimit === undefined ? null : durationMs(stage.timeLimit),
    };
    return await followAttempt(attempt, () =>
      running
        ? adoptProcess(running, dir)
        : startLocalProcess({
            cliPath: session.cliPath,
            specPath,
            workDir: dir,
            gpus: slot.gpus,
            memory: stage.needs?.memory === undefined ? 0 : needs.memory,
          }),
    );
  } finally {
    slot.release();
  }
}

/** Stopped by a person, or skipped because of a failure elsewhere. */
export const notStarted = ({ interrupts }: Session): 'stopped' | 'skipped' =>
  interrupts.stop.aborted ? 'stopped' : 'skipped';

function failureOf(
  { message, hint, died }: Extract<AttemptOutcome, { kind: 'failed' }>,
  log: string,
): Pick<StageResult, 'error' | 'log'> {
  const error = [message, hint ? `  hint: ${hint}` : '', died ? `  log: ${log}` : ''].filter(Boolean).join('\n');
  return died ? { error, log } : { error };
}

function noteOf({ stage }: PlannedStage, text: string, kind: 'note' | 'warning' = 'note'): Parameters<Listener>[0] {
  return {
    kind: 'stage-event',
    stage: stage.name,
    replayed: false,
    event: { kind, text, time: Date.now() } satisfies StageEvent & { time: number },
  };
}
