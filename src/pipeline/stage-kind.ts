import type { Static, TObject, TProperties } from '@sinclair/typebox';
import type { StageEvent } from './events.ts';
import type { Json } from './yaml/tree.ts';

export type { Json } from './yaml/tree.ts';

/** The type of what is in a sealed folder; see src/artifacts/README.md for the bytes. */
export type ArtifactType = 'conversations' | 'tokens' | 'checkpoint' | 'samples' | 'questions' | 'report' | 'files';

/** All that a stage may touch. Paths are absolute. */
export interface StageContext<Params, Runtime> {
  params: Params;
  runtime: Runtime;
  /** port → folder of a sealed artifact; read only */
  inputs: Record<string, string>;
  /** param → the user's file or folder, for the params listed in `sources` that are given; read only */
  sources: Record<string, string>;
  /** becomes the artifact when `run` returns; must hold nothing that depends on the clock */
  outDir: string;
  /** survives a killed attempt and is found again by the next one with the same key; never published */
  scratchDir: string;
  /**
   * cache shared by all keys, for work on parts of an input (`src/artifacts/parts/parts.ts`); may be emptied at any
   * moment, and is absent in tests
   */
  partsDir?: string;
  /** random; a stage marks the programs that it starts with it (`src/process/descendants.ts`); absent in tests */
  mark?: string;
  emit(event: StageEvent): void;
  /** fires when the person wants to stop: save what is needed to resume, then throw `new StageStopped()` */
  signal: AbortSignal;
}

/** The values that a schema's properties describe. */
export type ValuesOf<Properties extends TProperties> = Static<TObject<Properties>>;

/** What is on this machine. Answers are remembered per path, because a thousand stages may start one program. */
export interface Machine {
  /** the absolute path of a file that the pipeline names */
  locate(named: string): string;
  isFile(path: string): boolean;
  isExecutable(path: string): boolean;
}

/** A param that a stage cannot run with. `path` is relative to params, e.g. `mix.0.from`. */
export interface ParamFault {
  path: string;
  message: string;
  hint?: string;
}

/** How this program says what another program calls something else. */
export interface Translation {
  /** what to write in the same mapping instead, in place of keys of that name; empty: nothing */
  write: { [key: string]: Json };
  /** it belongs in this section of the stage instead */
  section?: 'runtime';
  /** what else to know, as a clause */
  note?: string;
}

/** What a stage computes with. It decides which library, threads and processor are part of the key. */
export interface Computation {
  engine: 'tensorflow' | 'tfjs';
  precision: 'fp32' | 'bf16';
}

/** The metrics of a kind by which its runs are compared, by the names that its stages emit. */
export interface ComparedMetrics {
  /** The loss on held-out text, if it measures one: `gc` keeps the runs with the lowest, MLflow sorts by it. */
  heldOutLoss?: string;
  /** Columns in the table that ends a sweep: the best value at any step. The first one that a run has decides. */
  sweepColumns: { metric: string; head: string; goal: 'min' | 'max' }[];
  /** Columns of MLflow's page of runs. */
  trackerColumns: string[];
  /** Metrics that get a chart on that page, each with the steps as its x axis. */
  trackerCharts: string[];
}

/**
 * A stage kind: all that is known of it without running it, and how to run it. Planning loads every contract, so a
 * contract imports no tensors and no readers; `run` imports them when it is called.
 *
 * Functions have method syntax, so that a kind with its own params is assignable to `StageContract` without params (the
 * compiler compares parameters of methods in both directions). All but `output` are called only with params that the
 * kind's own schema has accepted.
 */
export interface StageContract<P extends TProperties = TProperties, R extends TProperties = TProperties> {
  kind: string;
  /** what other programs call it, in lower case and without `-` and `_` */
  alsoCalled?: string[];
  /** Behaviour version, part of the key: raise it when the same params and inputs give other bytes. */
  version: number;
  /** what it does, in one line */
  summary: string;
  /** Part of the key, every value. Defaults are in the schema and nowhere else. */
  params: TObject<P>;
  /** Not part of the key: cadence, logging, where it runs. */
  runtime: TObject<R>;
  /**
   * Params, by dotted path, that name files of the user's: a string, or a list of them, whose items are `code.0`,
   * `code.1`. `*` stands for every element of a list: `sources.*.path` names `sources.0.path`, `sources.1.path`. In the
   * key, the names are replaced by the digests of the content.
   */
  sources: string[];
  /**
   * Those of `sources` whose files may not exist yet: a missing one counts as an empty folder, and the stage does not
   * wait for it.
   */
  optionalSources: string[];
  /** Where the files of a source are, if it is named by something other than their path; else null. */
  sourcePath?(param: string, named: string): string | null;
  /**
   * The files of a source folder that are read, relative to it; null: all. Throws an Error that says why there are
   * none.
   */
  sourceFiles?(param: string, path: string): string[] | null;
  /** How to get the source that `param` names, if it is missing. */
  sourceHelp?(params: ValuesOf<P>, param: string): string;
  /** What else is missing on this machine, e.g. a program. Reported before anything runs. */
  lacks?(params: ValuesOf<P>, machine: Machine): ParamFault[];
  /**
   * port → artifact type; the port `*` stands for any number of ports that the user names, the type `any` for every
   * type.
   */
  inputs: Record<string, ArtifactType | 'any'>;
  /** Ports that may be left open. */
  optionalInputs: Record<string, ArtifactType | 'any'>;
  /** The type of the artifact that a stage with these params makes. Params may still have faults here. */
  output(params: ValuesOf<P>): ArtifactType;
  /** What a stage with these params computes with; left out by kinds that compute nothing on a device. */
  computesWith?(params: ValuesOf<P>): Computation;
  /**
   * What to write instead of a key that other programs use, or of a value of the wrong form. `path` is relative to the
   * stage: `['params', 'lr']`, `['params', 'model', 'n_layer']`. `stage` is as written. Null: nothing is known.
   */
  translate?(path: string[], value: Json, stage: { [key: string]: Json }): Translation | null;
  /** Rules that a JSON schema cannot express. */
  check?(params: ValuesOf<P>, ports: string[]): ParamFault[];
  /**
   * Only for a kind that can pause (`runtime.pauseAt`): why points of a sweep cannot be compared by this metric at this
   * step, or null. To pause, a stage saves and then throws `new StagePaused(step)`.
   */
  pauseFault?(params: ValuesOf<P>, step: number, metric: string): string | null;
  /**
   * Small files of the artifact that are copied into the run's folder and sent to MLflow. `samples.jsonl` is also shown
   * when a run ends. Never name a file that holds the user's conversations.
   */
  trackedFiles: string[];
  metrics?: ComparedMetrics;
  /** Params that describe the size of a stage, by dotted path: MLflow's columns while all runs have the same params. */
  sizeParams: string[];
  /**
   * Does the work. Throws a StageInputError if the user's input is at fault, a StageStopped or StagePaused after
   * saving. A kind whose work needs more than Node itself loads it here: `(await import('../train.ts')).run(context)`.
   */
  run(context: StageContext<ValuesOf<P>, ValuesOf<R>>): Promise<void>;
}

/** The stage kinds by name, in the order in which they are listed to people. */
export type Kinds = Record<string, StageContract>;

/** The stage saved what it needs to resume and stopped because it was asked to. */
export class StageStopped extends Error {
  override name = 'StageStopped';
  constructor() {
    super('stopped on request');
  }
}

/** The stage reached `runtime.pauseAt` and saved: a run without `pauseAt` resumes there. */
export class StagePaused extends Error {
  override name = 'StagePaused';
  readonly step: number;
  constructor(step: number) {
    super(`paused at step ${step}`);
    this.step = step;
  }
}

/** The user's input is at fault: shown without a stack. `hint` says what to do. */
export class StageInputError extends Error {
  override name = 'StageInputError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
