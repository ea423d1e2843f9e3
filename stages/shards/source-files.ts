import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The `.bin` files of a folder, in the order of their names; null where the source is a file. Throws an Error if there
 * is none, or if what lies beside them says that their ids are not GPT-2's.
 */
export function sourceFiles(_param: string, path: string): string[] | null {
  const isFolder = statSync(path).isDirectory();
  if (existsSync(join(isFolder ? path : dirname(path), OWN_VOCABULARY))) {
    throw new Error(
      `${OWN_VOCABULARY} lies beside the ids: they count characters in nanoGPT's way, not GPT-2's tokens; give the text itself to an ingest stage`,
    );
  }
  if (!isFolder) return null;
  const names = readdirSync(path).filter(
    (name) => name.endsWith('.bin') && !name.startsWith('.') && !isFolderAt(join(path, name)),
  );
  if (names.length === 0) throw new Error(`no .bin file lies in ${path}`);
  return names.sort();
}

// -----------------------------------------------------------------------------------------------------------

/** nanoGPT writes it where a data set has a vocabulary of its own; such small ids would pass for GPT-2's. */
const OWN_VOCABULARY = 'meta.pkl';

/** A link that leads nowhere is no folder: whoever reads it says so. */
function isFolderAt(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
