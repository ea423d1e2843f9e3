/**
 * Everything that can happen, as plain data. Stages emit `StageEvent`s; the runner emits `RunEvent`s;
 * the terminal, the run's record and the tracker listen.
 */

import type { TrackedModel } from './pipeline.ts';

/** Reported by a stage. Never contains text of the user's conversations; a `sample` is text of the model. */
export type StageEvent =
  | { kind: 'progress'; done: number; total: number; unit: string; note?: string }
  /** A named number at a step, e.g. `train/loss`. `step` is the optimizer step, or 0 for a summary value. */
  | { kind: 'metric'; name: string; step: number; value: number }
  | { kind: 'note'; text: string }
  | { kind: 'warning'; text: string }
  /** A later attempt begins, which may report steps again. */
  | { kind: 'attempt' }
  /** The stage found the work of an earlier attempt and resumes at this step. */
  | { kind: 'resumed'; step: number }
  /** The stage saved its state; if it were killed now, it would resume at this step. */
  | { kind: 'saved'; step: number }
  /** The stage saved its state at `pauseAt` and ended. Run without `pauseAt`, it resumes at this step. */
  | { kind: 'paused'; step: number }
  | { kind: 'sample'; step: number; prompt: string; text: string };

/** A stage event as recorded in `events.jsonl`, one JSON object per line. */
export type RecordedEvent = StageEvent & { /** milliseconds since 1970 */ time: number };

export type Verdict = 'cached' | 'due' | 'waits';
export type Outcome = 'cached' | 'ran' | 'resumed' | 'paused' | 'failed' | 'stopped' | 'skipped';

export interface StageResult {
  name: string;
  kind: string;
  outcome: Outcome;
  key: string | null;
  /** digest of the artifact */
  artifact: string | null;
  seconds: number;
  /** the step at which a resumed stage started */
  resumedAt?: number;
  /** the step at which a paused stage resumes when it is run without `pauseAt` */
  pausedAt?: number;
  /** the step of the checkpoint from which a stopped stage resumes */
  stoppedAt?: number;
  error?: string;
  /** of a cached stage: how long it took when it ran */
  originalSeconds?: number;
  /** how often it was started, if more than once */
  attempts?: number;
  /** the output of its process, if the stage failed for another reason than bad input */
  log?: string;
}

/** `training`: it is resumed; `use`: its result is used by other stages; `copy`: all stages are cached. */
export interface Continues {
  /** folder name of the run that began it */
  run: string;
  runUid: string;
  as: 'training' | 'use' | 'copy';
}

export type RunEvent =
  | {
      kind: 'run-started';
      /** folder name under `runs/` */
      run: string;
      /** uuid by which the tracker finds the run, also after its folder was renamed */
      runUid: string;
      dir: string;
      pipeline: string;
      experiment: string;
      /** short name for a legend: `peak=0.001` in a sweep, else `<pipeline>-<last four letters of the folder's name>` */
      title: string;
      stages: { name: string; kind: string }[];
      /** dotted path → resolved param, of every stage: `model.schedule.peak` */
      params: Record<string, string>;
      /** the names of those params that are no defaults; absent: all */
      chosen?: string[];
      /** the pipeline file's name without its folders, which may be named after people, and its repository's commit */
      source?: { name: string; commit: string | null };
      /** the tracker gets the trained models */
      trackedModel?: TrackedModel;
      /** the earlier run of the same training */
      continues?: Continues;
      sweep: { id: string; index: number; paths: string[]; values: Record<string, unknown> } | null;
      time: number;
    }
  /** `key` names the work folder, where the stage records its events even if the runner dies */
  | { kind: 'stage-started'; stage: string; key?: string; time: number }
  /** `replayed`: from the cache, or from an earlier attempt of a stage that was resumed; the time is the original one. */
  | { kind: 'stage-event'; stage: string; replayed: boolean; event: RecordedEvent }
  /** `dir` is the folder of the artifact, if there is one. */
  | { kind: 'stage-finished'; result: StageResult; dir: string | null; time: number }
  /** `paused`: a stage paused as asked, and nothing failed */
  | { kind: 'run-finished'; ok: boolean; stopped: boolean; paused?: boolean; time: number };

/** A listener that throws cannot break a run. If the system failed it, it gets the event again. */
export type Listener = (event: RunEvent) => void;
