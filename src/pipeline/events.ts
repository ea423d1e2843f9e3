/**
 * Everything that can happen, as plain data. Stages emit `StageEvent`s; the runner emits `RunEvent`s;
 * the terminal, the run's record and the tracker listen.
 */

/** What a stage tells. Never contains text of the user's conversations, except `sample`, which is the model's own. */
export type StageEvent =
  | { kind: 'progress'; done: number; total: number; unit: string; note?: string }
  /** A named number at a step, e.g. `train/loss`. `step` is the optimizer step, or 0 for a summary value. */
  | { kind: 'metric'; name: string; step: number; value: number }
  | { kind: 'note'; text: string }
  | { kind: 'warning'; text: string }
  /** The stage found its own earlier work and goes on from this step. */
  | { kind: 'resumed'; step: number }
  /** The stage saved at the step that it was to pause at, and ended: who runs it without that goes on from there. */
  | { kind: 'paused'; step: number }
  | { kind: 'sample'; step: number; prompt: string; text: string };

/** A stage event as it stands in `events.jsonl`: one JSON object a line. */
export type RecordedEvent = StageEvent & { /** milliseconds since 1970 */ time: number };

export type Verdict = 'cached' | 'due' | 'waits';
export type Outcome = 'cached' | 'ran' | 'resumed' | 'paused' | 'failed' | 'stopped' | 'skipped';

export interface StageResult {
  name: string;
  kind: string;
  outcome: Outcome;
  key: string | null;
  /** digest of the sealed artifact */
  artifact: string | null;
  seconds: number;
  /** the step that a resumed stage went on from */
  resumedAt?: number;
  /** the step that a paused stage goes on from when it is run without `pauseAt` */
  pausedAt?: number;
  error?: string;
  /** of a cached stage: what it took when it ran */
  originalSeconds?: number;
  /** how often it was started, if more than once */
  attempts?: number;
  /** of a failed stage that is not its input's fault: the file that holds what its process printed */
  log?: string;
}

export type RunEvent =
  | {
      kind: 'run-started';
      /** folder name under `runs/` */
      run: string;
      /** uuid, survives renames; the tracker finds the run again by it */
      runUid: string;
      dir: string;
      pipeline: string;
      experiment: string;
      /** short name for a legend: `peak=0.001` in a sweep, else `<pipeline>-<last four letters of the folder's name>` */
      title: string;
      stages: { name: string; kind: string }[];
      /** resolved params of every stage, flattened by dots: `model.schedule.peak` */
      params: Record<string, string>;
      sweep: { id: string; index: number; paths: string[]; values: Record<string, unknown> } | null;
      time: number;
    }
  /** `key` leads to the stage's work folder; its own story goes on there, also when the runner dies */
  | { kind: 'stage-started'; stage: string; key?: string; time: number }
  /** `replayed`: from the cache, or from an earlier attempt of a stage that was resumed; the time is the original one. */
  | { kind: 'stage-event'; stage: string; replayed: boolean; event: RecordedEvent }
  /** `dir` is the sealed artifact's folder, where there is one. */
  | { kind: 'stage-finished'; result: StageResult; dir: string | null; time: number }
  /** `paused`: a stage paused where it was to, and nothing failed */
  | { kind: 'run-finished'; ok: boolean; stopped: boolean; paused?: boolean; time: number };

/** A listener that throws is reported once and dropped: it may lose a chart, never a run. */
export type Listener = (event: RunEvent) => void;
