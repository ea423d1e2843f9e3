/**
 * Like JSON.parse, but an integer with more digits than a number can hold becomes a string of its digits: two ids that
 * differ in the last digit must not become one. Undefined if it is not JSON, because Node's own error message would
 * quote the text.
 */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return hasLongInteger(value) ? JSON.parse(withQuotedIntegers(text)) : value;
  } catch {
    return undefined;
  }
}

/** Whether the value holds an integer that may not have the digits of the text. */
function hasLongInteger(value: unknown): boolean {
  if (typeof value === 'number') return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
  if (typeof value !== 'object' || value === null) return false;
  for (const key in value) if (hasLongInteger((value as Record<string, unknown>)[key])) return true;
  return false;
}

/** 16 digits are the fewest that a number may not hold. */
const LONG_INTEGER = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g;

/** Puts quotes around each integer outside of strings that a number cannot hold. `text` is valid JSON. */
function withQuotedIntegers(text: string): string {
  let quoted = '';
  let from = 0;
  while (from < text.length) {
    const open = indexOrEnd(text, '"', from);
    quoted += text
      .slice(from, open)
      .replace(LONG_INTEGER, (digits) => (String(Number(digits)) === digits ? digits : `"${digits}"`));
    from = endOfString(text, open);
    quoted += text.slice(open, from);
  }
  return quoted;
}

/** The index after the string that opens at `open`. */
function endOfString(text: string, open: number): number {
  let index = open + 1;
  for (;;) {
    const close = indexOrEnd(text, '"', index);
    let first = close;
    while (text[first - 1] === '\\' && first > open + 1) first--;
    if ((close - first) % 2 === 0) return close + 1;
    index = close + 1;
  }
}

function indexOrEnd(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from);
  return index === -1 ? text.length : index;
}
