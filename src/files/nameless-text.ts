import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { namelessPath } from './nameless-path.ts';

/** A path of the user whose names must not be recorded. */
export interface PrivatePath {
  /** as it may occur in a text, absolute or as the user wrote it */
  written: string;
  /** where it is on disk; null: it is not looked up */
  onDisk: string | null;
}

/**
 * Makes these paths nameless in a text, and what is below them. Where a path ends is looked up on disk, since names may
 * hold spaces, quotes and colons. What is not on disk, such as a member of an archive, ends at the closing quote of a
 * quoted path and otherwise at the first space, so that no word of a sentence is taken for a part of the path.
 */
export function namesHidden(paths: PrivatePath[]): (text: string) => string {
  const known = paths
    .map(({ written, onDisk }) => ({ written: written.replace(/(?<=.)\/+$/, ''), onDisk }))
    .filter(({ written }) => namelessPath(written) !== written || written.includes('/'))
    .sort((a, b) => b.written.length - a.written.length)
    .map(({ written, onDisk }) => ({ written, onDisk, pattern: patternOf(written) }));
  const namesIn = folderReader();
  return (text) =>
    known.reduce((shown, path) => {
      const { written, onDisk, pattern } = path;
      let result = '';
      let done = 0;
      for (const { index } of shown.matchAll(pattern)) {
        if (index < done) continue;
        const end = index + written.length;
        const below = shown.slice(end);
        const length = below.startsWith('/') ? lengthBelow(below, shown[index - 1], onDisk, namesIn) : 0;
        result += shown.slice(done, index) + namelessPath(shown.slice(index, end + length));
        done = end + length;
      }
      return result + shown.slice(done);
    }, text);
}

/** Whether a path cannot be told from a word of a sentence. */
export const isOneWord = (path: string): boolean => /^[\p{L}\p{M}\p{N}_-]+$/u.test(path);

// ---------------------------------------------------------------------------

type NamesIn = (folder: string) => string[];

/** A path of one word may also be a word of a sentence. It counts where a path can stand: quoted, a value, or whole. */
function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  return isOneWord(path)
    ? new RegExp(`^${escaped}$|(?<=[=\`'"])${escaped}(?=$|[\\s/\`'",:])|(?<![\\p{L}\\p{N}_./-])${escaped}(?=/)`, 'gu')
    : new RegExp(`(?<![\\p{L}\\p{N}_./-])${escaped}(?![\\p{L}\\p{N}_-])`, 'gu');
}

/** The length of the part of `below`, which begins with `/`, that belongs to the path. */
function lengthBelow(below: string, before: string | undefined, onDisk: string | null, namesIn: NamesIn): number {
  const found = onDisk === null ? 0 : lengthOnDisk(below, onDisk, namesIn);
  const quote = before === "'" || before === '"' || before === '`' ? before : null;
  const closing = quote === null ? null : new RegExp(`^[^\\n]*?(?=${quote}(?![\\p{L}\\p{N}]))`, 'u');
  const rest = below.slice(found);
  return found + (closing?.exec(rest) ?? /^(?:\/[^\s'"`:,;()]*)?/.exec(rest)!)[0].length;
}

/** How much of `below` names a file or folder in `folder`. The longest name counts. */
function lengthOnDisk(below: string, folder: string, namesIn: NamesIn): number {
  if (!below.startsWith('/')) return 0;
  const name = namesIn(folder).find(
    (one) => below.startsWith(one, 1) && !/^[\p{L}\p{N}_-]/u.test(below.slice(1 + one.length)),
  );
  if (name === undefined) return 0;
  const length = 1 + name.length;
  return length + lengthOnDisk(below.slice(length), join(folder, name), namesIn);
}

/** The names in a folder, the longest first; none if it cannot be read. */
function folderReader(): NamesIn {
  const read = new Map<string, string[]>();
  return (folder) => {
    const known = read.get(folder);
    if (known) return known;
    let names: string[] = [];
    try {
      names = readdirSync(folder).sort((a, b) => b.length - a.length);
    } catch {
      // A file, or one that is gone.
    }
    read.set(folder, names);
    return names;
  };
}
