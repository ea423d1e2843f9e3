/** Deeper than anybody writes, and far below the depth at which a recursive parser would overflow the stack. */
const MAX_DEPTH = 400;

const dashes = new RegExp(`(?:[-?:][ \\t]+){${MAX_DEPTH}}|^[ \\t]{${8 * MAX_DEPTH}}[^ \\t\\n]`, 'm');

/**
 * The offset at which a text is nested too deeply to parse, by brackets, by dashes on one line or by indentation; null
 * if it is not. Brackets inside strings count too.
 */
export function tooDeepAt(text: string): number | null {
  const dashed = dashes.exec(text);
  if (dashed) return dashed.index;
  let depth = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
    if (depth > MAX_DEPTH) return offset;
  }
  return null;
}
