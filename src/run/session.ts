import type { StageResult } from '../pipeline/events.ts';
import type { Key } from '../pipeline/plan/key.ts';
import type { Slots } from './open-slots.ts';
import type { Store } from '../store/store.ts';

/**
 * After a stage fails: continue with the stages that do not depend on it, start nothing new, let running stages save
 * and stop, or kill them at once.
 */
export const ON_FAILURE = ['keep-going', 'no-new', 'stop', 'kill'] as const;
export type OnFailure = (typeof ON_FAILURE)[number];

/** How a run can be interrupted, from the mildest to the harshest. */
export interface Interrupts {
  /** start nothing new; let running stages finish */
  noNew: AbortSignal;
  /** running stages save and stop */
  stop: AbortSignal;
  /** running stages are killed at once */
  kill: AbortSignal;
  /** dispatches `save`: running stages save and continue */
  saves: EventTarget;
  /** interrupts the run from inside, after a failure; users interrupt it with signals */
  ask(what: 'no-new' | 'stop' | 'kill'): void;
}

/** Shared by all runs of one command. */
export interface Session {
  store: Store;
  cliPath: string;
  slots: Slots;
  interrupts: Interrupts;
  onFailure: OnFailure;
  /** keys being computed right now; other runs await that result (single flight) */
  inFlight: Map<Key, Promise<StageResult>>;
}
