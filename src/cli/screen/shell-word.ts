/** A word as a shell must be given it, so that what is printed can be pasted. */
export const shellWord = (word: string): string =>
  /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** `FILE STAGE --set path=value`, as they were given. */
export const givenAgain = ({ positionals, sets }: { positionals: string[]; sets: string[] }): string =>
  [...positionals, ...sets.flatMap((set) => ['--set', set])].map(shellWord).join(' ');
