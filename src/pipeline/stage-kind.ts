import type { Static, TObject } from '@sinclair/typebox';
import type { StageEvent } from './events.ts';

/** What lies in a sealed folder; see src/artifacts/README.md for the bytes. */
export type ArtifactType = 'conversations' | 'tokens' | 'checkpoint' | 'samples' | 'report' | 'files';

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
   * shared by all keys: what was made of parts of an input (`src/artifacts/parts/parts.ts`); may be emptied at any
   * moment, and absent in tests
   */
  partsDir?: string;
  emit(event: StageEvent): void;
  /** fires when the person wants to stop: save what is needed to go on, then throw `new StageStopped()` */
  signal: AbortSignal;
}

/**
 * What there is on this machine; asked about a path again, it answers from memory, for a thousand stages may start one
 * program.
 */
export interface Machine {
  /** where a file lies that the pipeline names */
  locate(named: string): string;
  isFile(path: string): boolean;
  isExecutable(path: string): boolean;
}

/**
 * All that is known of a kind without running it. Planning loads nothing else, so contracts import no tensors, no
 * readers.
 */
export interface StageContract<P extends TObject = TObject, R extends TObject = TObject> {
  kind: string;
  /** Behaviour version, part of the key: raise it when the same params and inputs give other bytes. */
  version: number;
  /** one line for `runner help` and the README */
  summary: string;
  /** Counts: every value is part of the key. Defaults stand in the schema and nowhere else. */
  params: P;
  /** Does not count: cadence, logging, where it runs. */
  runtime: R;
  /**
   * Params, by dotted path, that name files of the user's: a string, or a list of them, whose places count as `code.0`,
   * `code.1`. In the key, the names are replaced by the digests of what lies there.
   */
  sources: string[];
  /** Where the files of a source lie, if it is named by something else than their path; else null. */
  sourcePath?(param: string, named: string): string | null;
  /**
   * The files of a source folder that are read, relative to it; left out or null: all. Throws an Error that says why
   * there are none.
   */
  sourceFiles?(param: string, path: string): string[] | null;
  /** How to get a source that is not there. */
  sourceHelp?(params: Static<P>): string;
  /** What else a run would miss on this machine, e.g. a program. Told before anything runs. */
  lacks?(params: Static<P>, machine: Machine): { path: string; message: string; hint?: string }[];
  /**
   * port → artifact type; the port `*` stands for any number of ports with names of the user's, the type `any` for
   * every type.
   */
  inputs: Record<string, ArtifactType | 'any'>;
  /** Ports that may be left open. */
  optionalInputs?: Record<string, ArtifactType | 'any'>;
  /** What the stage makes, or how its params choose that. */
  output: ArtifactType | ((params: Static<P>) => ArtifactType);
  /** True if the stage computes on a device, so that library, threads and processor belong in the key. */
  computes: boolean;
  /** Rules that a JSON schema cannot say; `path` is relative to params, e.g. `mix.0.from`. */
  check?(params: Static<P>, ports: string[]): { path: string; message: string }[];
  /**
   * Of a kind that can pause (`runtime.pauseAt`): why points of a sweep cannot be compared by this metric at this step,
   * or null. Pausing is saving and then throwing `new StagePaused(step)`.
   */
  pauseFault?(params: Static<P>, step: number, metric: string): string | null;
}

export interface StageKind<P extends TObject = TObject, R extends TObject = TObject> extends StageContract<P, R> {
  run(context: StageContext<Static<P>, Static<R>>): Promise<void>;
}

/** Returns its argument; only helps the compiler. */
export function defineContract<P extends TObject, R extends TObject>(
  contract: StageContract<P, R>,
): StageContract<P, R> {
  return contract;
}

export function defineStage<P extends TObject, R extends TObject>(
  contract: StageContract<P, R>,
  run: StageKind<P, R>['run'],
): StageKind<P, R> {
  return { ...contract, run };
}

/** The stage saved what it needs to go on and stopped because it was asked to. */
export class StageStopped extends Error {
  override name = 'StageStopped';
  constructor() {
    super('stopped on request');
  }
}

/** The stage did what was asked of it for now and saved the rest: whoever runs it without `pauseAt` goes on from there. */
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
