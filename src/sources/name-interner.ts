import { foldNewlines } from './text/fold-newlines.ts';

/**
 * Interns names: returns each name as one line, and the same string object for equal names. A substring can keep the
 * whole chunk it was cut from in memory, and every map has to hash each new string object again. Remembers up to `most`
 * names, then starts over.
 */
export function nameInterner(most = 100_000): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const same = known.get(name);
    if (same !== undefined) return same;
    if (known.size >= most) known.clear();
    const key = Buffer.from(name, 'utf16le').toString('utf16le');
    const folded = foldNewlines(key);
    known.set(key, folded);
    return folded;
  };
}
