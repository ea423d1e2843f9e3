/** The file name of a judge; null if the name cannot be one. */
export function answersFileOf(judge: string): string | null {
  const name = judge.normalize('NFC');
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._-]{0,59}$/u.test(name) ? `${name}.jsonl` : null;
}

/** The name that an answers file has: without its folder and `.jsonl`. */
export const judgeOfFile = (file: string): string => file.replace(/\.jsonl$/, '').normalize('NFC');

/** The same for two spellings of a name that differ only in case, or in how accents are written. */
export const foldedName = (name: string): string => name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
