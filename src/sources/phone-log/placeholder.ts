import { OMITTED } from './app-phrases.ts';
import { withoutMarks } from './line.ts';

/**
 * The app writes one phrase in place of all media that were left out, alone on its line: `<Media omitted>`,
 * `<Medien ausgeschlossen>`, `<省略多媒體檔案>`. Counts what may be that phrase.
 */
export function countPlaceholder(rest: string, phrases: Map<string, number>): void {
  if (!rest.endsWith('>')) return;
  const phrase = placeholderForm(rest.slice(rest.lastIndexOf('<')));
  if (phrase === null || !/: ?$/.test(withoutMarks(rest.slice(0, -phrase.length)))) return;
  const known = phrases.get(phrase);
  if (known !== undefined) phrases.set(phrase, known + 1);
  else if (phrases.size < MOST_PHRASES) phrases.set(phrase, 1);
}

/**
 * The commonest phrase, or the first of several, and those that say the same of another kind of media: `<View once
 * photo omitted>`. Others were typed.
 */
export function appPlaceholders(phrases: Map<string, number>): Set<string> {
  let top: string | null = null;
  for (const [phrase, times] of phrases) if (top === null || times > phrases.get(top)!) top = phrase;
  if (top === null) return new Set();
  const end = lastWord(top);
  const others = [...phrases.keys()].filter(
    (phrase) => OMITTED.test(phrase.slice(1, -1)) || (end.length >= 4 && lastWord(phrase) === end),
  );
  return new Set([top, ...others]);
}

function lastWord(phrase: string): string {
  return / ([^ ]+)>$/.exec(phrase)?.[1] ?? '';
}

const MOST_PHRASES = 1000;

/** Two words or more that begin like a sentence, or a phrase in a script without capitals. */
function placeholderForm(text: string): string | null {
  return text.length <= 60 && PHRASE.test(text) ? text : null;
}

const PHRASE = /^<(?:\p{Lu}[\p{L}\p{M}'’-]+(?: [\p{L}\p{M}'’-]+)+\.?|\p{Lo}[\p{L}\p{M}'’ -]{3,}\.?)>$/u;
