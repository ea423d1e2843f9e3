import type { Key, PreImage } from '../pipeline/plan/key.ts';
import type { Json } from '../pipeline/yaml/tree.ts';

/** All that a stage process is told, frozen before it starts. Paths are absolute. */
export interface StageSpec {
  record: 'spec/1';
  key: Key;
  preImage: PreImage;
  /** for messages only */
  name: string;
  kind: string;
  params: { [key: string]: Json };
  runtime: { [key: string]: Json };
  inputs: Record<string, string>;
  sources: Record<string, string>;
  storeDir: string;
  workDir: string;
}

/** In the work folder: how a stage process says why it failed. */
export const FAILURE_FILE = 'failure.json';

export interface StageFailure {
  message: string;
  /** what to do, if the input is at fault */
  hint: string | null;
  /** null if the input is at fault: then a stack helps nobody, and neither does another attempt */
  stack: string | null;
}

/** Beside it, by a process that was asked to stop: to a runner that is not its parent, the exit code is lost. */
export const STOPPED_FILE = 'stopped';

/** Stands in `log.txt` where an attempt begins. */
export const ATTEMPT_LINE = '--- attempt of ';

/** Exit codes of `exec-stage`. `busy`: another process works at the same key. */
export const EXIT = { done: 0, failed: 1, stopped: 3, busy: 4, paused: 5 } as const;
