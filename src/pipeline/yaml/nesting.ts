/** Deeper than anybody writes; far below where a parser that calls itself would end the whole process. */
const DEEPEST = 400;

const dashes = new RegExp(`(?:[-?:][ \\t]+){${DEEPEST}}|^[ \\t]{${8 * DEEPEST}}[^ \\t\\n]`, 'm');

/**
 * Where a text is nested too deep to be parsed: by brackets, by dashes on one line, by indentation; or null. Brackets
 * inside texts count too.
 */
export function tooDeepAt(text: string): number | null {
  const dashed = dashes.exec(text);
  if (dashed) return dashed.index;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
    if (depth > DEEPEST) return at;
  }
  return null;
}
