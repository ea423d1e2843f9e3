import type { Pattern, Script, Template } from './script.ts';

/** The part of `words` that each element of the pattern stands for; null if the pattern does not match. */
export function match(pattern: Pattern, words: readonly string[], tagged: Script['tagged']): string[][] | null {
  const ends: number[] = [];
  let element = 0;
  let at = 0;
  // If a match fails, only the last run of any length has to grow: what a longer earlier run would leave to the rest,
  // the last one can skip. So every run is as short as possible, and no input takes long.
  let lastRun = -1;
  for (;;) {
    const expected = pattern[element];
    if (expected === 0) {
      lastRun = element;
      ends[element++] = at;
      continue;
    }
    const length = expected === undefined ? -1 : lengthAt(expected, words, at, tagged);
    if (length >= 0) {
      at += length;
      ends[element++] = at;
    } else if (expected === undefined && at === words.length) {
      return ends.map((end, i) => words.slice(i === 0 ? 0 : ends[i - 1], end));
    } else {
      if (lastRun < 0 || ends[lastRun]! >= words.length) return null;
      at = ++ends[lastRun]!;
      element = lastRun + 1;
      ends.length = element;
    }
  }
}

/** The number of words from `at` on that the element takes; -1 if it does not match. */
function lengthAt(element: Pattern[number], words: readonly string[], at: number, tagged: Script['tagged']): number {
  if (typeof element === 'number') return at + element <= words.length ? element : -1;
  const word = words[at];
  if (word === undefined) return -1;
  const matches =
    typeof element === 'string'
      ? word === element
      : 'anyOf' in element
        ? element.anyOf.includes(word)
        : element.tagged.some((tag) => tagged.get(tag)?.has(word));
  return matches ? 1 : -1;
}

/** The words of a template, with the parts in place of their numbers. */
export const reassemble = (template: Template, parts: readonly string[][]): string[] =>
  template.flatMap((word) => (typeof word === 'number' ? parts[word - 1]! : [word]));
