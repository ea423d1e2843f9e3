import { openEliza } from '../../src/eliza/open-eliza.ts';
import { parseScript } from '../../src/eliza/parse-script.ts';

/** A script for one rule of the engine: the given rules, and NONE, which says so. */
export const tinyScript = (rules: string): string => `(HELLO) ${rules} (NONE ((0) (NO KEYWORD)))`;

/** The answers of a new conversation. */
export function answersOf(script: string, ...lines: string[]): string[] {
  const { answer } = openEliza(parseScript(script));
  return lines.map((line) => answer(line));
}
