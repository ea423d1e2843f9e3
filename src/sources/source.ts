import type { Conversation } from '../artifacts/conversations.ts';
import type { SourceFile } from './source-file.ts';
import type { Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';

export type { SourceFile };

/** The conversations at one path in one format. No content is read before `read` is called. */
export interface Source {
  /** The files that will be read, in this order. */
  files: SourceFile[];
  /** What this format looks for, shown to the user when nothing was found. */
  looksFor: string;
  /** Whether this format's double-encoded UTF-8 is repaired. */
  repairsMojibake: boolean;
  /**
   * One conversation after another, each with at least one message; memory is bounded by the largest one.
   * Unreadable input is skipped and recorded in the tally; only disk errors throw.
   */
  read(tally: Tally): AsyncGenerator<Conversation>;
  /**
   * Present if the source consists of independent files or threads. Reading the units in order gives the same as
   * `read`.
   */
  units?(tally: Tally): Promise<Unit[]>;
}

/** Files of a source whose conversations do not depend on the other files. */
export interface Unit {
  files: TreeFile[];
  /** what else determines the conversations, besides the names and content of the files */
  about?: unknown;
  /** The exports that the files are from. An export has every chat once, so units of one export have no copies. */
  exports?: string[];
  /** the number of its source, if there are several */
  source?: number;
  /** `files` are those of the unit, possibly with their content already in memory. */
  read(files: TreeFile[], tally: Tally): AsyncGenerator<Conversation>;
}
