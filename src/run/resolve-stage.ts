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
import type { AttemptOutcome } from './attempt.ts';
import { replaceFileDurably } from '../files/replace-file.ts';
import { eventReader } from '../history/follow-events.ts';
import { adoptProcess, startLocalProcess } from './executor/local-process.ts';
import type { Session } from './session.ts';
import { FAILURE_FILE, STOPPED_FILE } from '../store/spec.ts';
import type { StageSpec } from '../store/spec.ts';
import { pausedStep } from '../history/stage-metrics.ts';
import { findEntry, keyDir, lockDir, readEntry, workDir } from '../store/store.ts';
import { runningStageProcess, acquireKeyLock } from './key-lock.ts';

export interface StageJob {
  planned: PlannedStage;
  key: Key;
  /** whether its kind computes: then it wants every core unless told otherwise */
  computes: boolean;
  spec: StageSpec;
  /** lower runs first */
  priority: number;
  listen: Listener;
  session: Session;
}

/**
 * Brings one stage to its outcome: from the store, from another run of this command that works at its key, or by a
 * process.
 */
export async function resolveStage(work: StageJob): Promise<StageResult> {
  const { planned, key, session } = work;
  if (planned.verdict === 'cached') return fromStore(work);
  const flight = session.inFlight.get(key);
  if (flight) {
    const theirs = await flight;
    await setImmediate(); // the run that made it goes on first
    return sameAs(theirs, work);
  }
  const mine = makeOrFind(work).finally(() => session.inFlight.delete(key));
  session.inFlight.set(key, mine);
  return mine;
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

/** A hit: what the run that made it told is told again, with its own times. */
function fromStore({ planned, key, session: { store }, listen }: StageJob): StageResult {
  const told = eventReader(join(keyDir(store, key), 'events.jsonl')).read();
  for (const event of told)
    if (event.kind !== 'progress') listen({ kind: 'stage-event', stage: planned.stage.name, replayed: true, event });
  const entry = planned.artifact === null ? findEntry(store, key) : readEntry(store, key); // what the plan has just looked at is there
  return {
    ...resultOf(planned, 'cached'),
    artifact: entry?.artifact ?? null,
    ...(entry ? { originalSeconds: Math.round(entry.seconds * 1000) / 1000 } : {}),
  };
}

function sameAs(theirs: StageResult, work: StageJob): StageResult {
  if (theirs.artifact) return fromStore(work);
  return { ...theirs, name: work.planned.stage.name, seconds: 0 };
}

/**
 * Under the key's lock: a process that waited for it may find made what it was about to make, or at work what it was
 * about to start.
 */
async function makeOrFind(work: StageJob): Promise<StageResult> {
  const { planned, key, session, listen } = work;
  const onWait = ({ pid, host }: ProcessMark): void =>
    listen(
      noteOf(
        planned,
        `process ${pid}${host === hostname() ? '' : ` on ${host}`} works at the same stage; waiting for it`,
      ),
    );
  const lock = await acquireKeyLock(lockDir(session.store, key), { onWait, signal: session.interrupts.noNew });
  if (!lock) return resultOf(planned, notStarted(session));
  try {
    if (findEntry(work.session.store, work.key)) return fromStore(work);
    return alreadyPaused(work) ?? (await attempts(work));
  } finally {
    lock.release();
  }
}

/**
 * Of a stage that is to pause at a step: if an earlier attempt paused there or later, no process is started only to
 * find that out.
 */
function alreadyPaused({ planned, key, spec, listen, session: { store } }: StageJob): StageResult | null {
  const pauseAt = spec.runtime['pauseAt'];
  const pausedAt = typeof pauseAt === 'number' && pauseAt > 0 ? pausedStep(store, key) : null;
  if (pausedAt === null || pausedAt < Number(pauseAt)) return null;
  for (const event of eventReader(join(workDir(store, key), 'events.jsonl')).read())
    if (event.kind === 'metric') listen({ kind: 'stage-event', stage: planned.stage.name, replayed: true, event });
  return { ...resultOf(planned, 'paused'), pausedAt };
}

async function attempts(work: StageJob): Promise<StageResult> {
  const { planned, key, session, listen } = work;
  const { stage } = planned;
  let began: number | null = null; // waiting for a slot does not count
  const most = 1 + (stage.retry?.times ?? 0);
  const result = (outcome: StageResult['outcome'], count: number): StageResult => ({
    ...resultOf(planned, outcome, began === null ? 0 : (performance.now() - began) / 1000),
    ...(count > 1 ? { attempts: count } : {}),
  });
  for (let count = 1, first = true; ; first = false) {
    const ending = await attempt(work, { count, first, onStart: () => (began ??= performance.now()) });
    switch (ending?.kind) {
      case undefined:
        return result(notStarted(session), count);
      case 'again':
        continue;
      case 'sealed':
        return {
          ...result(ending.resumedAt === undefined ? 'ran' : 'resumed', count),
          artifact: ending.entry.artifact,
          ...(ending.resumedAt === undefined ? {} : { resumedAt: ending.resumedAt }),
        };
      case 'paused':
        return { ...result('paused', count), pausedAt: ending.step };
      case 'stopped':
        return {
          ...result('stopped', count),
          ...(ending.timeLimit
            ? {
                error: `its time limit of ${stage.timeLimit} is over: it saved and stopped\n  hint: the next run goes on from there`,
              }
            : {}),
        };
      case 'failed':
        if (!ending.died || count >= most || session.interrupts.noNew.aborted)
          return { ...result('failed', count), ...failureOf(ending, join(workDir(session.store, key), 'log.txt')) };
        count++;
        listen(noteOf(planned, `${ending.message}; attempt ${count} of ${most}`, 'warning'));
    }
  }
}

/** Null if the run was to end before there was room. */
async function attempt(
  { planned, key, computes, spec, priority, listen, session }: StageJob,
  { count, first, onStart }: { count: number; first: boolean; onStart(): void },
): Promise<AttemptOutcome | null> {
  const { store, slots, interrupts } = session;
  const { stage } = planned;
  const needs = needsOf(stage, { computes, attempt: count, capacity: slots.capacity });
  const living = runningStageProcess(lockDir(store, key), 'here');
  const slot = living ? slots.hold(needs) : await slots.take(needs, priority, interrupts.noNew).catch(() => null);
  if (!slot) return null;
  onStart();
  try {
    if (first) listen({ kind: 'stage-started', stage: stage.name, key, time: Date.now() });
    if (living) listen(noteOf(planned, `process ${living.pid} of an earlier run still works at it; taken over`));
    const dir = workDir(store, key);
    const specPath = join(dir, 'spec.json');
    mkdirSync(dir, { recursive: true });
    if (!living) {
      for (const name of [FAILURE_FILE, STOPPED_FILE]) rmSync(join(dir, name), { force: true });
      replaceFileDurably(specPath, `${JSON.stringify(spec, null, 2)}\n`);
    }
    const followed = {
      store,
      key,
      stage: stage.name,
      listen,
      interrupts,
      adopted: living !== undefined,
      replayEarlier: first,
      timeLimitMs: stage.timeLimit === undefined ? null : durationMs(stage.timeLimit),
    };
    return await followAttempt(followed, () =>
      living
        ? adoptProcess(living)
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
