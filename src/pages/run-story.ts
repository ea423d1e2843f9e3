import type { Comparison } from './comparison.ts';

/** The data for the page of one run, `runner show RUN --html`. It holds names and texts: it is the user's own file. */
export interface RunStory {
  name: string;
  /** the folder in runs/ */
  run: string;
  pipeline: string;
  /** short name of a point of a sweep; null outside one */
  point: string | null;
  outcome: string;
  trouble: string | null;
  /** `2026-11-24 12:51` */
  started: string;
  seconds: number | null;
  description: string | null;
  /** `lr=low` */
  tags: string[];
  notes: string[];
  stages: StoryStage[];
  /** the curves of this run alone */
  curves: Comparison;
  reports: StoryReport[];
  conversations: StoryConversations[];
  samples: { stage: string; prompt: string; text: string }[];
  resources: { name: string; value: string }[];
  /** params that are not defaults, by dotted path */
  chosen: { path: string; value: string }[];
  /** the resolved pipeline; null if the file is missing */
  yaml: string | null;
  /** chat-runner and Node as they wrote this page */
  writtenBy: string;
}

export interface StoryStage {
  name: string;
  kind: string;
  outcome: string;
  seconds: number;
  error: string | null;
  /** what it was made from; null if it has no result, or the store no longer knows */
  origin: StoryOrigin | null;
}

export interface StoryOrigin {
  artifact: string;
  key: string;
  /** of the stage kind */
  version: number;
  /** port → the stage of this run that made it, or the start of a digest */
  inputs: Record<string, string>;
  sources: { param: string; named: string | null; digest: string }[];
  /** library, threads, processor; empty for a stage that does not compute */
  environment: Record<string, string>;
}

/** What an `evaluate` stage measured on the held-out text; losses are nats per token. */
export interface StoryReport {
  stage: string;
  trained: Measures;
  baseline: Measures | null;
  classes: NamedLoss[];
  speakers: NamedLoss[];
}

export interface Measures {
  loss: number;
  perplexity: number;
  bitsPerByte: number;
}

export interface NamedLoss {
  name: string;
  loss: number;
  tokens: number;
}

/** What an `ingest` stage has read. */
export interface StoryConversations {
  stage: string;
  /** as its params name it */
  format: string;
  /** `594 conversations`, `3,519 messages`, `8 people` */
  counts: string[];
  /** `11 photo`, most first */
  dropped: string[];
  noticed: string[];
  /** by which the lines were rendered */
  template: string;
  /** at most ten, as the model sees them; `more`: messages that are left out */
  excerpts: { id: string; lines: string[]; more: number }[];
  /** what a person may want to change, and how */
  changes: string[];
}
