import type { StageResult } from '../pipeline/events.ts';
import type { Key } from '../pipeline/plan/key.ts';
import type { OnFailure } from './on-failure.ts';
import type { Slots } from './open-slots.ts';
import type { Store } from '../store/store.ts';

/** What a person may ask of a run from outside, each asking for more than the one before. */
export interface Interrupts {
  /** nothing new starts; what runs goes on to its end */
  noNew: AbortSignal;
  /** what runs saves and stops */
  stop: AbortSignal;
  /** at once */
  kill: AbortSignal;
  /** its `save` events: what runs saves and goes on */
  saves: EventTarget;
  /** the run's own decision, after a failure; a person's comes by a signal */
  ask(what: 'no-new' | 'stop' | 'kill'): void;
}

/** What all runs that one command makes share. */
export interface Session {
  store: Store;
  cliPath: string;
  slots: Slots;
  interrupts: Interrupts;
  onFailure: OnFailure;
  /** keys that a run of this command works at: the others wait for its result instead of making it again */
  inFlight: Map<Key, Promise<StageResult>>;
}
