import type { Key, PreImage } from '../pipeline/key.ts';
import type { Json } from '../pipeline/yaml-tree.ts';

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

/** How a stage process says why it failed: `failure.json` in the work folder. */
export interface StageFailure {
  message: string;
  /** what to do, if the input is at fault */
  hint: string | null;
  /** null if the input is at fault: then a stack helps nobody */
  stack: string | null;
}

/** Exit codes of `exec-stage`. */
export const EXIT = { done: 0, failed: 1, stopped: 3 } as const;
