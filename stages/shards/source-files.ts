import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The `.bin` files of a folder, sorted by name; null if the source is a file. Throws an Error if there are none, or if
 * the folder contains a vocabulary, which means that the ids are not GPT-2's.
 */
export function sourceFiles(_param: string, path: string): string[] | null {
  const isFolder = statSync(path).isDirectory();
  if (existsSync(join(isFolder ? path : dirname(path), OWN_VOCABULARY))) {
    throw new Error(
      `there is a ${OWN_VOCABULARY} next to the ids: they are not GPT-2's tokens, but have a vocabulary of their own, such as nanoGPT's characters; use the text itself, in an ingest stage`,
    );
  }
  if (!isFolder) return null;
  const names = readdirSync(path).filter(
    (name) => name.endsWith('.bin') && !name.startsWith('.') && !isFolderPath(join(path, name)),
  );
  if (names.length === 0) throw new Error(`there is no .bin file in ${path}`);
  return names.sort();
}

// -----------------------------------------------------------------------------------------------------------

/** nanoGPT writes it for data sets with their own vocabulary, whose small ids could pass for GPT-2's. */
const OWN_VOCABULARY = 'meta.pkl';

/** False for a dangling link: reading it later reports the error. */
function isFolderPath(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
