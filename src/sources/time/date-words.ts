/** The month names of one language, and what else its dates are made of. */
export interface DateWords {
  language: string;
  /** The month that a word means, 1 to 12; null if it is no month. */
  month(word: string): number | null;
  isWeekday(word: string): boolean;
}

/** In the order in which a tie is decided: `listopad` is November in Polish and Czech, and October in Croatian. */
const LANGUAGES =
  'en de fr es pt it nl pl ru tr id vi sv da nb fi cs sk hu ro bg el uk hr sr sr-Latn bs sl mk lt lv et ca gl eu is ga cy sq af sw ms fil az uz kk mn ar he fa ur hi bn mr ne ta te ml kn gu pa si th lo km my ka hy am ko ja zh zh-TW'.split(
    ' ',
  );

let known: DateWords[] | null = null;

/** The words of all languages that Unicode's locale data has and chat apps offer. Takes a tenth of a second once. */
export function allDateWords(): DateWords[] {
  return (known ??= LANGUAGES.map(dateWords));
}

/** A word as it is compared: without dots, apostrophes and capitals. */
export function plainWord(word: string): string {
  return word
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[.'’׳॰]/g, '');
}

export function wordsOf(text: string): string[] {
  return (text.match(WORD) ?? []).map(plainWord).filter((word) => word !== '');
}

const WORD = /[\p{L}\p{M}][\p{L}\p{M}.'’׳॰]*/gu;

function dateWords(language: string): DateWords {
  const full = uniqueWords(language, 'long');
  const short = uniqueWords(language, 'short');
  const exact = new Map([...full, ...short].filter(([, month]) => month !== null));
  const weekdays = weekdayWords(language);
  return {
    language,
    month: (word) => exact.get(word) ?? (weekdays.has(word) ? null : byPrefix(word, full)),
    isWeekday: (word) => weekdays.has(word),
  };
}

/** Words that a date has in one month only, in any position: `січня`, and `בינואר` with its preposition. */
function uniqueWords(language: string, month: 'long' | 'short'): Map<string, number | null> {
  const months = new Map<string, number | null>();
  for (const options of [{ day: 'numeric', month, year: 'numeric' }, { month }] as const) {
    const format = new Intl.DateTimeFormat(`${language}-u-ca-gregory-nu-latn`, { ...options, timeZone: 'UTC' });
    for (let index = 0; index < 12; index++)
      for (const word of wordsOf(format.format(Date.UTC(2023, index, 15))))
        months.set(word, (months.get(word) ?? index + 1) === index + 1 && months.get(word) !== null ? index + 1 : null);
  }
  return months;
}

/** `sept` for `septiembre`: at least three letters that begin one month only. */
function byPrefix(word: string, full: Map<string, number | null>): number | null {
  if ([...word].length < 3) return null;
  const found = new Set(
    [...full].filter(([name, month]) => month !== null && name.startsWith(word)).map(([, m]) => m!),
  );
  return found.size === 1 ? [...found][0]! : null;
}

function weekdayWords(language: string): Set<string> {
  const words = new Set<string>();
  for (const weekday of ['long', 'short'] as const) {
    const format = new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' });
    for (let day = 1; day <= 7; day++)
      for (const word of wordsOf(format.format(Date.UTC(2023, 0, day)))) words.add(word);
  }
  return words;
}
