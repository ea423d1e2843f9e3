/**
 * Breaks are what would end a line for some reader: LF, CR, VT, FF, U+0085, U+2028, U+2029. Names become one line: each
 * run of breaks in them a space; those at the ends go.
 */
export function foldNewlines(name: string): string {
  return joined(name, ' ');
}

/** In texts each run of breaks becomes one LF, those at the ends go: what becomes of lines is for the stage to say. */
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
