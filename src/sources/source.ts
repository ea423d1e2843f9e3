import type { Conversation } from '../artifacts/conversations.ts';
import type { SourceFile } from './source-file.ts';
import type { Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';

export type { SourceFile };

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
  /**
   * Where the source is made of files or threads that have nothing to do with one another: reading these in order is
   * `read`.
   */
  units?(tally: Tally): Promise<Unit[]>;
}

/** Some of a source's files that have nothing to do with the others: what they give depends on nothing else in it. */
export interface Unit {
  files: TreeFile[];
  /** what decides, beside the places and the content of the files, what they give */
  about?: unknown;
  /** `files` are those of the unit, or the same with their content at hand. */
  read(files: TreeFile[], tally: Tally): AsyncGenerator<Conversation>;
}
