import { foldNewlines } from './text/fold-newlines.ts';

/**
 * Names as one line each, and the same string object for the same name: a name cut out of a file may hold on to the
 * memory of all that was read with it, and each new object has to be hashed anew by every map that is asked for it.
 * Remembers so many, and begins again when there are more.
 */
export function knownNames(most = 100_000): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const same = known.get(name);
    if (same !== undefined) return same;
    if (known.size >= most) known.clear();
    const key = Buffer.from(name, 'utf16le').toString('utf16le');
    const own = foldNewlines(key);
    known.set(key, own);
    return own;
  };
}
