/** A part of an argument that may be the name of a file. */
export interface Name {
  text: string;
  /** a word of a longer text, such as a shell script; false: the argument itself, or the value of its flag */
  isWord: boolean;
}

/**
 * The texts in an argument or a variable that may name a file that the program reads: the whole text, the value in
 * `--flag=FILE`, `-fFILE`, `@FILE`, `file://FILE`, each part of a list, and the words of a script. Files that a script
 * clearly writes, such as after `>`, are left out.
 */
export function namesIn(text: string): Name[] {
  const names = new Map<string, boolean>();
  for (const value of valuesIn(text)) names.set(value, false);
  for (const word of wordsIn(text.replaceAll('${HOME}', '$HOME'))) if (!names.has(word)) names.set(word, true);
  return [...names]
    .filter(([name]) => name.length > 0 && name.length < LONGEST_PATH && !name.includes('\0'))
    .map(([text, isWord]) => ({ text, isWord }));
}

/**
 * The folders that an argument or a variable makes a program read from, whatever is in them: `cd FOLDER`,
 * `--chdir=FOLDER`, `FOLDER/*.csv`, and where languages look for code (PYTHONPATH).
 */
export function foldersIn(text: string, variable?: string): string[] {
  if (variable !== undefined && CODE_PATH.test(variable)) return text.split(':').filter((part) => part.includes('/'));
  const found = text.replaceAll('${HOME}', '$HOME').matchAll(ENTERED);
  const patterns = [...text.matchAll(PATTERN)].filter(({ index }) => !WRITES.test(text.slice(0, index)));
  return [...found, ...patterns].flatMap((match) => match.slice(1).filter((one) => one !== undefined));
}

/** With a slash or an extension. */
export const looksLikePath = (text: string): boolean => /\/|\w\.\w+$/.test(text);

// -----------------------------------------------------------------------------------------------------------

const LONGEST_PATH = 4096;

function valuesIn(text: string): string[] {
  if (/^\{(in:[^{}]+|out|scratch)\}/.test(text)) return [];
  const value = /^[^\s=/]+=(.*)$/s.exec(text)?.[1] ?? /^-[A-Za-z]((?:~|\.\.?)?\/.*)$/s.exec(text)?.[1];
  const plain = [text, ...(value === undefined ? [] : valuesIn(value).filter(looksLikePath))];
  return plain.flatMap((one) => [
    one,
    one.replace(/^@/, ''),
    one.replace(/^file:(\/\/(localhost)?(?=\/))?/, ''),
    ...listed(one),
  ]);
}

/** Parts of `a:b` and `a,b`. One word alone is not a path, or `key:value` would be one. */
const listed = (text: string): string[] =>
  /[:,;]/.test(text) && !/\s/.test(text) ? text.split(/[:,;]/).filter((part) => part.includes('/')) : [];

/** `$0/x`, `*.txt`: what the shell makes of it, we cannot tell. */
const isComputed = (word: string): boolean => /[$*?]/.test(word.replace(/^\$HOME\//, ''));

/** `>FILE`, `tee FILE`, `writeFile('FILE'`: what comes before a file that is only written */
const WRITES = /(>\|?\s*|\b(touch|tee|rm|mkdir|truncate)\b[^;|&\n]*\s|\b(write|append)\w*\(\s*)["'`]?$/;
/** `open('FILE', 'w'`: what comes after it */
const WRITTEN = /^["'`]\s*,\s*["'`][wax]/;

const CODE_PATH = /^(PYTHONPATH|NODE_PATH|PERL5LIB|RUBYLIB|CLASSPATH|LUA_PATH|R_LIBS(_USER)?|JULIA_LOAD_PATH)$/;

/** `cd FOLDER`, `pushd "FOLDER"`, `--chdir=FOLDER` */
const ENTERED =
  /(?:(?:^|[\s;|&(])(?:cd|pushd)\s+(?:--\s+)?|--chdir=)(?:"([^"$`]*)"|'([^']*)'|((?:\$HOME)?[^\s"'`$;|&<>()]+))/g;
/** `FOLDER/*.csv`, from the root, the home folder or where the program runs */
const PATTERN = /(?<![^\s"'`=,(])((?:~|\$HOME|\.{1,2})?(?:\/[^\s"'`$*?[\]{};|&<>()=/]+)+)\/[^\s"'`$;|&<>()/]*[*?[]/g;

/** Quoted texts and bare words that look like a path: with a slash, or with an extension. */
function wordsIn(text: string): string[] {
  if (!/[\s"'`;|&<>()]/.test(text)) return [];
  const found = [
    ...text.matchAll(/(?<=(["'`]))[^"'`\n]+(?=\1)/g),
    ...text.matchAll(/(?:\\.|[^\s"'`;|&<>()=,:@{}[\]\\])+/g),
  ];
  return found.flatMap((match) => {
    const before = text.slice(Math.max(0, match.index - 200), match.index);
    const word = match[0].replace(/\\(.)/g, '$1');
    return !looksLikePath(word) ||
      isComputed(word) ||
      WRITES.test(before) ||
      WRITTEN.test(text.slice(match.index + match[0].length))
      ? []
      : [word];
  });
}
