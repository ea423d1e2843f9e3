import type { Digest, Key, PreImage } from '../pipeline/plan/key.ts';
import type { Json } from '../pipeline/yaml/tree.ts';

/** The whole input of a stage process, frozen before it starts. Paths are absolute. */
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

/** In the work folder: a stage process writes here why it failed. */
export const FAILURE_FILE = 'failure.json';

export interface StageFailure {
  message: string;
  /** what to do, if the input is wrong */
  hint: string | null;
  /** null if the input is wrong: neither a stack trace nor a retry would help */
  stack: string | null;
  /** artifacts that the stage should have read, but whose content no longer has their digest */
  damaged?: Digest[];
}

/** In the work folder: marks a process that stopped on request. A runner that adopted it cannot read its exit code. */
export const STOPPED_FILE = 'stopped';

/** Marks the start of each attempt in `log.txt`. */
export const ATTEMPT_LINE = '--- attempt of ';

/**
 * Exit codes of `exec-stage`. `busy`: another process is working on the same key. `full`: no space on the disk, not
 * even to write why it failed.
 */
export const EXIT = { done: 0, failed: 1, stopped: 3, busy: 4, paused: 5, full: 6 } as const;

/** The failure of a stage on a full disk. */
export const noSpace = (workDir: string): StageFailure => ({
  message: `no space left on the disk that holds ${workDir}`,
  hint: 'free some space and run again; no finished file is incomplete, and training resumes from its last checkpoint',
  stack: null,
});
