import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener, RecordedEvent } from '../pipeline/events.ts';
import type { Key } from '../pipeline/plan/key.ts';
import { readJson } from '../files/read-file.ts';
import { eventReader } from '../history/follow-events.ts';
import type { StageProcess } from './executor/local-process.ts';
import type { Interrupts } from './session.ts';
import { FAILURE_FILE, STOPPED_FILE } from '../store/spec.ts';
import type { StageFailure } from '../store/spec.ts';
import { findEntry, keyDir, workDir } from '../store/store.ts';
import type { Entry, Store } from '../store/store.ts';

/** What became of one process. */
export type AttemptOutcome =
  | { kind: 'sealed'; entry: Entry; resumedAt: number | undefined }
  | { kind: 'stopped'; timeLimit: boolean }
  | { kind: 'paused'; step: number }
  /** `died`: without a word, or with a stack; another attempt may do better */
  | { kind: 'failed'; message: string; hint: string | null; died: boolean }
  /** another process works at the same key, or did until now and left nothing: look again */
  | { kind: 'again' };

export interface Attempt {
  store: Store;
  key: Key;
  stage: string;
  listen: Listener;
  interrupts: Interrupts;
  /** it outlived the runner that started it */
  adopted: boolean;
  /** false if that was done for an earlier attempt of this run */
  replayEarlier: boolean;
  timeLimitMs: number | null;
}

/** A process that neither saves nor ends when its time is up is ended so much later. */
const GRACE_MS = 120_000;
const LOOK_EVERY_MS = 100;

/**
 * Passes on what the process tells, and to it what is asked, until it has ended. `start` is called once its earlier
 * events are read.
 */
export async function followAttempt(
  attempt: Attempt,
  start: () => StageProcess | Promise<StageProcess>,
): Promise<AttemptOutcome> {
  const { store, key, interrupts, adopted, timeLimitMs } = attempt;
  const story = openEventFollower(attempt);
  story.replayEarlier();
  const child = await start();
  const unwatch = passOn(interrupts, child);
  const limit = openTimeLimit(child, timeLimitMs);
  const looking = setInterval(() => {
    story.forwardNew();
    limit.look();
  }, LOOK_EVERY_MS);
  const exit = await child.ended;
  clearInterval(looking);
  unwatch();
  if (exit === 'busy') return { kind: 'again' };
  const entry = exit === 'done' || exit === 'unknown' ? findEntry(store, key) : null;
  // A sealed stage has moved its events beside its key.
  story.forwardRest(entry !== null);
  if (entry) return { kind: 'sealed', entry, resumedAt: story.resumedAt() };
  const pausedAt = story.pausedAt();
  if (pausedAt !== undefined && (exit === 'paused' || exit === 'unknown')) return { kind: 'paused', step: pausedAt };
  const stopped =
    exit === 'stopped' || interrupts.kill.aborted || (adopted && existsSync(join(workDir(store, key), STOPPED_FILE)));
  if (stopped || limit.isOver()) return { kind: 'stopped', timeLimit: limit.isOver() && !interrupts.stop.aborted };
  const failure = readJson<StageFailure>(join(workDir(store, key), FAILURE_FILE));
  if (failure) return { kind: 'failed', message: failure.message, hint: failure.hint, died: failure.stack !== null };
  // That was the end of another run's process; ours may fare better.
  if (adopted) return { kind: 'again' };
  return { kind: 'failed', message: exitMessage(exit, workDir(store, key)), hint: null, died: true };
}

// ---------------------------------------------------------------------------

interface EventFollower {
  replayEarlier(): void;
  forwardNew(): void;
  forwardRest(sealed: boolean): void;
  resumedAt(): number | undefined;
  /** if pausing is the last thing that it told */
  pausedAt(): number | undefined;
}

/**
 * The stage's `events.jsonl`, told to the run's listeners: what earlier attempts wrote as replayed, what is new as it
 * comes.
 */
function openEventFollower({ store, key, stage, listen, adopted, replayEarlier }: Attempt): EventFollower {
  const reader = eventReader(join(workDir(store, key), 'events.jsonl'));
  let resumedAt: number | undefined;
  let pausedAt: number | undefined;
  const tell = (events: RecordedEvent[], replayed: boolean): void => {
    for (const event of events) {
      if (event.kind === 'resumed' && (!replayed || adopted)) resumedAt = event.step;
      if (!replayed) pausedAt = event.kind === 'paused' ? event.step : undefined;
      if (!replayed || (replayEarlier && event.kind === 'metric'))
        listen({ kind: 'stage-event', stage, replayed, event });
    }
  };
  return {
    replayEarlier: () => tell(reader.read(), true),
    forwardNew: () => tell(reader.read(), false),
    forwardRest: (sealed) =>
      tell(
        sealed ? eventReader(join(keyDir(store, key), 'events.jsonl'), reader.offset()).read() : reader.read(),
        false,
      ),
    resumedAt: () => resumedAt,
    pausedAt: () => pausedAt,
  };
}

function passOn({ stop, kill, saves }: Interrupts, child: StageProcess): () => void {
  const onStop = (): void => child.stop();
  const onKill = (): void => child.kill();
  const onSave = (): void => child.save();
  stop.addEventListener('abort', onStop);
  kill.addEventListener('abort', onKill);
  saves.addEventListener('save', onSave);
  if (stop.aborted) onStop();
  if (kill.aborted) onKill();
  return () => {
    stop.removeEventListener('abort', onStop);
    kill.removeEventListener('abort', onKill);
    saves.removeEventListener('save', onSave);
  };
}

/** Time is looked at with every reading of the events. */
function openTimeLimit(child: StageProcess, limitMs: number | null): { look(): void; isOver(): boolean } {
  const started = performance.now();
  let asked: 'nothing' | 'stop' | 'kill' = 'nothing';
  return {
    look() {
      const over = limitMs === null ? -1 : performance.now() - started - limitMs;
      if (over >= 0 && asked === 'nothing') {
        asked = 'stop';
        child.stop();
      }
      if (over >= GRACE_MS && asked === 'stop') {
        asked = 'kill';
        child.kill();
      }
    },
    isOver: () => asked !== 'nothing',
  };
}

function exitMessage(exit: string, dir: string): string {
  if (exit === 'done') return 'the process ended well, but its result is not in the store';
  return existsSync(join(dir, 'spec.json'))
    ? 'the process died without a word (killed, or out of memory?)'
    : `its work folder ${dir} was removed while it ran`;
}
