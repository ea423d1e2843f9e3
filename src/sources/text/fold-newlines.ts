/**
 * Makes a name one line: removes line breaks at both ends and replaces each run of them inside by a space. Line breaks
 * are LF, CR, VT, FF, U+0085, U+2028 and U+2029, which all end a line for some reader.
 */
export function foldNewlines(name: string): string {
  return joined(name, ' ');
}

/** Removes line breaks at both ends of a text and replaces each run of them inside by one LF. */
export function plainBreaks(text: string): string {
  return joined(text, '\n');
}

// ---------------------------------------------------------------------------

function joined(text: string, joint: string): string {
  return BREAK.test(text) ? text.replace(ENDS, '').replace(BREAKS, joint) : text;
}

const BREAK = /[\n\r\v\f\u0085\u2028\u2029]/;
const BREAKS = /[\n\r\v\f\u0085\u2028\u2029]+/g;
const ENDS = /^[\n\r\v\f\u0085\u2028\u2029]+|[\n\r\v\f\u0085\u2028\u2029]+$/g;
