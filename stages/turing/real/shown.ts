import { letterOf } from '../../../src/numbers/letter.ts';

/** A text as it is shown, real or not. Stamps are off already. */
export function shown(text: string): string {
  return text
    .normalize('NFC')
    .replace(LINK, '⟨link⟩')
    .replace(MAIL, '⟨mail⟩')
    .replace(NUMBER, '⟨number⟩')
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, (blank) => (/[\s\p{Cc}]/u.test(blank) ? ' ' : blank))
    .trim();
}

const LINK = /\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.)\S+/giu;
const MAIL = /[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+/gu;
const NUMBER = /\d{5,}/gu;

/** A line as it is shown. */
export interface ShownText {
  who: string;
  text: string;
}

/** Characters that are shown, with one for each line end. */
export const charactersOf = (lines: readonly ShownText[]): number =>
  lines.reduce((sum, { text }) => sum + [...text].length, lines.length - 1);

export const punctuationOf = (lines: readonly ShownText[]): number =>
  lines.reduce((sum, { text }) => sum + (text.match(/\p{P}/gu)?.length ?? 0), 0);

/** Letters for names, in the order of the list. */
export function lettersFor(names: readonly string[]): Map<string, string> {
  return new Map([...new Set(names)].map((name, i) => [name, name === '' ? '' : letterOf(i)]));
}
