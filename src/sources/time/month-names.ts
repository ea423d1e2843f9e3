/**
 * The month, 1 to 12, that a word names in any language that the runtime knows; `weekday` for the name of a day; null
 * for any other word, and for one that names different months in different languages.
 */
export function monthNamed(word: string): number | 'weekday' | null {
  const name = plainWord(word);
  return english(name) ?? allNames().get(name) ?? null;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ENGLISH =
  /^(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)$/;
const WEEKDAY = /^(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?$/;

function english(name: string): number | 'weekday' | null {
  if (ENGLISH.test(name)) return MONTHS.indexOf(name.slice(0, 3)) + 1;
  return WEEKDAY.test(name) ? 'weekday' : null;
}

function plainWord(word: string): string {
  return word.normalize('NFKC').toLowerCase().replace(/\.$/, '');
}

const LANGUAGES =
  'ar bg bn ca cs da de el es et eu fa fi fr gl he hi hr hu hy id is it ka kk lt lv mk ms nb nl nn pl pt ro ru sk sl sq sr sr-Latn sv sw ta th tr uk ur uz vi';
let names: Map<string, number | 'weekday' | null> | null = null;

/** Built when the first word that is not English is met: it takes a few milliseconds. */
function allNames(): Map<string, number | 'weekday' | null> {
  if (names !== null) return names;
  const found = new Map<string, number | 'weekday' | null>();
  const add = (name: string, meaning: number | 'weekday'): void => {
    const word = plainWord(name);
    const known = found.get(word);
    if (word !== '' && !/\d/.test(word)) found.set(word, known === undefined || known === meaning ? meaning : null);
  };
  for (const language of LANGUAGES.split(' '))
    for (const width of ['long', 'short'] as const)
      // With the day, many languages put the month into the genitive.
      for (const day of [{}, { day: 'numeric' }] as const) {
        const months = new Intl.DateTimeFormat(language, {
          month: width,
          calendar: 'gregory',
          timeZone: 'UTC',
          ...day,
        });
        const days = new Intl.DateTimeFormat(language, { weekday: width, calendar: 'gregory', timeZone: 'UTC' });
        for (let month = 1; month <= 12; month++)
          for (const { type, value } of months.formatToParts(Date.UTC(2023, month - 1, 15)))
            if (type === 'month') add(value, month);
        for (let weekday = 1; weekday <= 7; weekday++) add(days.format(Date.UTC(2023, 0, weekday)), 'weekday');
      }
  return (names = found);
}
