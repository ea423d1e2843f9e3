import { plainWord } from './date-words.ts';

/**
 * The hour, 0 to 23, of an hour written with a word for the half or part of the day: `8` and `μ.μ.`, `下午`, `PM`. The
 * hour itself if the word is none, or if the clock has 24 hours. Null if there is no such hour.
 */
export function hourOfDay(hour: number, before: string, after: string): number | null {
  if (hour > 23) return null;
  const hours = hour > 12 ? null : partOfDay(words(before), words(after));
  if (hours === null) return hour;
  return [hour % 12, (hour % 12) + 12].find((candidate) => hours.has(candidate)) ?? null;
}

function words(text: string): string[] {
  return plainWord(text)
    .split(/\s+/)
    .filter((word) => word !== '');
}

/** The hours that belong to the word, or the two as in `p. m.`, right before or after a time of day. */
function partOfDay(before: string[], after: string[]): Set<number> | null {
  const whole = [before.at(-1), before.slice(-2).join(''), after[0], after.slice(0, 2).join('')];
  for (const word of whole) if (word && partsOfDay().has(word)) return partsOfDay().get(word)!;
  // In Chinese and Thai, words are not separated.
  const [last = '', first = ''] = [before.at(-1), after[0]];
  const joined = [...partsOfDay().keys()].filter(
    (word) => [...word].length > 1 && !LATIN.test(word) && (last.endsWith(word) || first.startsWith(word)),
  );
  const longest = joined.reduce((found, word) => (word.length > found.length ? word : found), '');
  return longest === '' ? null : partsOfDay().get(longest)!;
}

const LATIN = /^\p{Script=Latin}/u;

let known: Map<string, Set<number>> | null = null;

function partsOfDay(): Map<string, Set<number>> {
  if (known) return known;
  const parts = new Map<string, Set<number>>();
  const add = (word: string, hour: number): void => {
    const plain = words(word).join('');
    if (plain !== '') parts.set(plain, (parts.get(plain) ?? new Set()).add(hour));
  };
  for (let hour = 0; hour < 24; hour++) {
    for (const [morning, evening] of HALVES) add(hour < 12 ? morning! : evening!, hour);
    for (const formats of formatters())
      for (const { type, value } of formats.formatToParts(Date.UTC(2023, 0, 1, hour)))
        if (type === 'dayPeriod') add(value, hour);
  }
  return (known = parts);
}

/** Also written where the locale data of this Node have other words. */
const HALVES = [
  ['am', 'pm'],
  ['오전', '오후'],
  ['午前', '午後'],
  ['上午', '下午'],
  ['ص', 'م'],
  ['πμ', 'μμ'],
];
const LANGUAGES_WITH_12_HOURS =
  'es sq el ar hi bn ur mr ta te ml kn gu pa ne si am ko zh zh-TW ja vi fil ms sw so km my mn'.split(' ');

function formatters(): Intl.DateTimeFormat[] {
  return LANGUAGES_WITH_12_HOURS.flatMap((language) => [
    new Intl.DateTimeFormat(language, { hour: 'numeric', hour12: true, timeZone: 'UTC' }),
    new Intl.DateTimeFormat(language, { hour: 'numeric', hour12: true, dayPeriod: 'short', timeZone: 'UTC' }),
  ]);
}
