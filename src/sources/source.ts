import type { Conversation } from '../artifacts/conversations.ts';
import type { Tally } from './tally.ts';

/** One reader of one format, already looking at a place. Nothing is read before `read`. */
export interface Source {
  /** What will be read, in this order. */
  files: SourceFile[];
  /** What this format looks for, for the person whose folder has none of it. */
  looksFor: string;
  /** Whether double-encoded UTF-8 is mended in this format. */
  mends: boolean;
  /**
   * One conversation after another, each with at least one message; memory is bounded by the largest one.
   * What cannot be read is skipped and told to the tally; only a failing disk throws.
   */
  read(tally: Tally): AsyncGenerator<Conversation>;
}

export interface SourceFile {
  path: string;
  /** relative to the source, with `/`; '' if the source is this one file. The file's own name is no part of what is read. */
  place: string;
  bytes: number;
}
