/** Quotes a word for the shell if it needs that, so that printed commands can be pasted. */
export const shellWord = (word: string): string =>
  /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The arguments of a command as they were given: `FILE STAGE --set path=value`. */
export const argumentsText = ({ positionals, sets }: { positionals: string[]; sets: string[] }): string =>
  [...positionals, ...sets.flatMap((set) => ['--set', set])].map(shellWord).join(' ');
