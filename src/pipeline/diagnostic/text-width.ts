import fastStringWidth from 'fast-string-width';

/** The number of columns that the text takes on a terminal. */
export const textWidth = (text: string): number =>
  PLAIN.test(text) ? text.length : fastStringWidth(text.replace(INVISIBLE, ''));

/** Most texts, and long tables have many. */
const PLAIN = /^[ -~·–…↳]*$/;

/** Soft hyphens, zero-width spaces and marks of direction. Joiners stay, because they make one emoji of several. */
const INVISIBLE = /[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
