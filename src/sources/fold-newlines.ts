/**
 * A message is one line of the training text, so line breaks inside it become one space each run, and those at its ends go.
 * Breaks are what would end a line for some reader: LF, CR, VT, FF, U+0085, U+2028, U+2029.
 */
export function foldNewlines(text: string): string {
  return BREAK.test(text) ? text.replace(ENDS, '').replace(BREAKS, ' ') : text;
}

const BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;
const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;
const ENDS = /^[\n\r\v\f\u0085\u2028\u2029]+|[\n\r\v\f\u0085\u2028\u2029]+$/g;
