import { openTokens } from '../../../../artifacts/tokens/tokens.ts';
import type { Tokenizer } from '../../../../tokenizer/tokenizer.ts';
import type { LineTemplate, Stamp } from '../../../../artifacts/tokens/line-template.ts';

/** Texts of a template's stamps. */
export type Stamps = Partial<Record<Stamp, string>>;

/**
 * The stamps of the last line of the training text, which the model knows better than the time of today; {gap} is the
 * most frequent one of the lines before it. Null if no line there fits the template.
 */
export function newestStamps(tokensDir: string, template: LineTemplate, tokenizer: Tokenizer): Stamps | null {
  const matched = lastLines(tokensDir, tokenizer).flatMap((line) => stampsIn(line, template) ?? []);
  const last = matched.at(-1);
  return last
    ? { ...last, ...(last.gap === undefined ? {} : { gap: commonest(matched.map(({ gap }) => gap!)) }) }
    : null;
}

// ---------------------------------------------------------------------------

const TOKENS_READ = 4096;

function lastLines(tokensDir: string, tokenizer: Tokenizer): string[] {
  const reader = openTokens(tokensDir);
  try {
    const { tokens, read } = reader.split('train');
    const count = Math.min(tokens, TOKENS_READ);
    return tokenizer.decode(read(tokens - count, count)).split('\n');
  } finally {
    reader.close();
  }
}

const PATTERNS: Record<string, string> = {
  ms: '(-?\\d+)',
  s: '(-?\\d+)',
  iso: '(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d|-?\\d+)',
  gap: '(\\d+[smhd])',
};

function stampsIn(line: string, { parts }: LineTemplate): Stamps | null {
  const pattern = parts.map(({ literal, placeholder }) =>
    placeholder === null ? literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&') : (PATTERNS[placeholder] ?? '.*'),
  );
  const match = new RegExp(`^${pattern.join('')}$`, 'u').exec(line);
  if (!match) return null;
  const names = parts.flatMap(({ placeholder }) =>
    placeholder !== null && placeholder in PATTERNS ? placeholder : [],
  );
  return Object.fromEntries(names.map((name, i) => [name, match[i + 1]!]));
}

function commonest(values: string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}
