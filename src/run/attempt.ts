import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener, RecordedEvent } from '../pipeline/events.ts';
import type { Digest, Key } from '../pipeline/plan/key.ts';
import { readJson } from '../files/read-file.ts';
import { eventReader } from '../history/follow-events.ts';
import type { StageProcess } from './executor/local-process.ts';
import { runningStageProcess } from './key-lock.ts';
import type { Interrupts } from './session.ts';
import { FAILURE_FILE, noSpace, STOPPED_FILE } from '../store/spec.ts';
import type { StageFailure } from '../store/spec.ts';
import { findEntry, keyDir, lockDir, workDir } from '../store/store.ts';
import type { Entry, Store } from '../store/store.ts';

/** How one stage process ended. */
export type AttemptOutcome =
  | { kind: 'sealed'; entry: Entry; resumedAt: number | undefined }
  /** `killed`: at once, on request; its last steps are lost */
  | { kind: 'stopped'; timeLimit: boolean; killed: boolean; progress: StageProgress }
  | { kind: 'paused'; step: number }
  /** `died`: without an error message, or with a stack trace; another attempt may succeed */
  | { kind: 'failed'; message: string; hint: string | null; died: boolean }
  /** artifacts that it should have read do not have their digest any more */
  | { kind: 'damaged'; artifacts: Digest[] }
  /** another process is working on the same key, or has just ended without a result: check again */
  | { kind: 'again' };

/** How far a stage got, as far as it has reported. */
export interface StageProgress {
  /** the last step; null if it has no steps */
  reached: number | null;
  /** the step of its newest checkpoint */
  saved: number | null;
  /** whether this attempt made a step */
  advanced: boolean;
}

export interface Attempt {
  store: Store;
  key: Key;
  stage: string;
  listen: Listener;
  interrupts: Interrupts;
  /** the process has outlived the runner that started it */
  adopted: boolean;
  /** false if an earlier attempt of this run has already replayed them */
  replayEarlier: boolean;
  timeLimitMs: number | null;
}

const POLL_MS = 100;

/**
 * Follows a process until it ends: forwards its events to the run's listeners and interrupts to the process. Calls
 * `start` after reading the events of earlier attempts.
 */
export async function followAttempt(
  attempt: Attempt,
  start: () => StageProcess | Promise<StageProcess>,
): Promise<AttemptOutcome> {
  const { store, key, interrupts, adopted, timeLimitMs } = attempt;
  const events = openEventFollower(attempt);
  events.replayEarlier();
  const child = await start();
  const stopForwarding = forwardInterrupts(interrupts, child);
  const saves = openSaves(interrupts, child, () => runningStageProcess(lockDir(store, key), 'here') !== undefined);
  const limit = openTimeLimit(child, timeLimitMs);
  const polling = setInterval(() => {
    try {
      events.forwardNew();
    } catch {
      // a disk that fails for a moment; the events are read at the next poll, at the latest when the stage ends
    }
    limit.check();
    saves.check();
  }, POLL_MS);
  const exit = await child.ended;
  clearInterval(polling);
  stopForwarding();
  saves.close();
  if (exit === 'busy') return { kind: 'again' };
  const entry = exit === 'done' || exit === 'unknown' ? findEntry(store, key) : null;
  events.forwardRest(entry !== null);
  if (entry) return { kind: 'sealed', entry, resumedAt: events.resumedAt() };
  const pausedAt = events.pausedAt();
  if (pausedAt !== undefined && (exit === 'paused' || exit === 'unknown')) return { kind: 'paused', step: pausedAt };
  const stopped =
    exit === 'stopped' || interrupts.kill.aborted || (adopted && existsSync(join(workDir(store, key), STOPPED_FILE)));
  if (stopped || limit.isReached())
    return {
      kind: 'stopped',
      timeLimit: limit.isReached() && !interrupts.stop.aborted,
      killed: exit !== 'stopped' && interrupts.kill.aborted,
      progress: events.progress(),
    };
  const dir = workDir(store, key);
  const failure = exit === 'full' ? noSpace(dir) : readJson<StageFailure>(join(dir, FAILURE_FILE));
  if (failure?.damaged) return { kind: 'damaged', artifacts: failure.damaged };
  if (failure) return { kind: 'failed', message: failure.message, hint: failure.hint, died: failure.stack !== null };
  // The process we adopted belonged to another run; retry with our own.
  if (adopted) return { kind: 'again' };
  return { kind: 'failed', message: exitMessage(exit, workDir(store, key)), hint: null, died: true };
}

// ---------------------------------------------------------------------------

interface EventFollower {
  replayEarlier(): void;
  forwardNew(): void;
  /** `sealed`: the events have moved from the work folder to the key's folder */
  forwardRest(sealed: boolean): void;
  resumedAt(): number | undefined;
  /** the step, if `paused` was its last event */
  pausedAt(): number | undefined;
  progress(): StageProgress;
}

/**
 * Reads the stage's `events.jsonl` and sends the events to the run's listeners. Events of earlier attempts are marked
 * as replayed.
 */
function openEventFollower({ store, key, stage, listen, adopted, replayEarlier }: Attempt): EventFollower {
  const reader = eventReader(join(workDir(store, key), 'events.jsonl'));
  let resumedAt: number | undefined;
  let pausedAt: number | undefined;
  const progress: StageProgress = { reached: null, saved: null, advanced: false };
  const send = (events: RecordedEvent[], replayed: boolean): void => {
    for (const event of events) {
      if (event.kind === 'resumed' && (!replayed || adopted)) resumedAt = event.step;
      if (!replayed) pausedAt = event.kind === 'paused' ? event.step : undefined;
      if (event.kind === 'saved' || event.kind === 'resumed') progress.saved = event.step;
      const isStep = event.kind === 'saved' || (event.kind === 'metric' && event.step > (progress.saved ?? 0));
      if (isStep && !replayed) progress.advanced = true;
      if (event.kind === 'progress' && event.unit === 'steps') progress.reached = event.done;
      if (event.kind === 'metric' && event.step > 0) progress.reached = event.step;
      if (!replayed || (replayEarlier && (event.kind === 'metric' || event.kind === 'attempt')))
        listen({ kind: 'stage-event', stage, replayed, event });
    }
  };
  return {
    replayEarlier: () => send(reader.read(), true),
    forwardNew: () => send(reader.read(), false),
    forwardRest: (sealed) =>
      send(
        sealed ? eventReader(join(keyDir(store, key), 'events.jsonl'), reader.offset()).read() : reader.read(),
        false,
      ),
    resumedAt: () => resumedAt,
    pausedAt: () => pausedAt,
    progress: () => progress,
  };
}

function forwardInterrupts({ stop, kill }: Interrupts, child: StageProcess): () => void {
  const onStop = (): void => child.stop();
  const onKill = (): void => child.kill();
  stop.addEventListener('abort', onStop);
  kill.addEventListener('abort', onKill);
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  return () => {
    stop.removeEventListener('abort', onStop);
    kill.removeEventListener('abort', onKill);
  };
}

/** Forwards requests to save, but not before the process listens for them: SIGUSR1 would end it. */
function openSaves({ saves }: Interrupts, child: StageProcess, isListening: () => boolean) {
  let requested = false;
  const onSave = (): void => void (requested = true);
  saves.addEventListener('save', onSave);
  return {
    check() {
      if (!requested || !isListening()) return;
      requested = false;
      child.save();
    },
    close: () => saves.removeEventListener('save', onSave),
  };
}

/** At its time limit a stage is asked to stop. It is never killed: it takes as long as its step and its save need. */
function openTimeLimit(child: StageProcess, limitMs: number | null): { check(): void; isReached(): boolean } {
  const started = performance.now();
  let reached = false;
  return {
    check() {
      if (reached || limitMs === null || performance.now() - started < limitMs) return;
      reached = true;
      child.stop();
    },
    isReached: () => reached,
  };
}

function exitMessage(exit: string, dir: string): string {
  if (exit === 'done') return 'the process succeeded, but its result is not in the store';
  return existsSync(join(dir, 'spec.json'))
    ? 'the process exited without an error message (killed, or out of memory?)'
    : `its work folder ${dir} was removed while it was running`;
}
