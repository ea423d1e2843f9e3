import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { StageStopped } from '../../src/pipeline/stage-kind.ts';
import type { CachedReader } from './cached-reader.ts';
import { grow, type GrowingText, type GrowthRules } from './growing-text.ts';

/** More texts at once cost little more time a token, but each has its own cache. */
export const TEXTS_AT_ONCE = 16;

/**
 * From how many tokens on a prompt is read in one pass, once for all texts that begin with it. Shorter ones are read a
 * token a call, beside the texts that are being written: a pass has a program of its own to compile, as long as some 50
 * tokens take.
 */
export const ONE_PASS_FROM = 16;

export interface Generation {
  reader: CachedReader;
  /** of the model, in tokens */
  context: number;
  encoding: Tokenizer;
  rules: GrowthRules;
  signal: AbortSignal;
  /** after each token */
  report(): void;
}

/**
 * Lets all texts grow until each has stopped. Each has a row of the cache while it grows; when it ends, the next text
 * takes the row.
 */
export async function generate(
  texts: GrowingText[],
  { reader, context, encoding, rules, signal, report }: Generation,
): Promise<void> {
  const rows = Array.from({ length: reader.rows }, (): Row => ({ text: null, done: 0 }));
  const waiting = [...texts];
  const sample = (row: Row, logits: Float32Array): void => {
    const text = row.text!;
    const before = text.seen;
    grow(text, logits, rules, { encoding, context });
    if (text.seen !== before) row.done = 0;
    if (text.stopped !== null) row.text = null;
  };

  for (;;) {
    for (const row of rows)
      if (row.text === null && waiting.length > 0) Object.assign(row, { text: waiting.shift()!, done: 0 });
    if (rows.every(({ text }) => text === null)) return;
    if (signal.aborted) throw new StageStopped();
    const unread = rows.find(({ text, done }) => text !== null && done === 0 && text.seen.length >= ONE_PASS_FROM);
    if (unread) {
      const ids = [...unread.text!.seen];
      const together = rows.filter(({ text, done }) => text !== null && done === 0 && same(text.seen, ids));
      const logits = await reader.prompt(
        ids,
        together.map((row) => rows.indexOf(row)),
      );
      for (const row of together) {
        row.done = ids.length;
        // A penalty changes the logits.
        sample(row, logits.slice());
      }
    } else {
      const logits = await reader.tokens(
        Int32Array.from(rows, ({ text, done }) => text?.seen[done] ?? 0),
        Int32Array.from(rows, ({ text, done }) => (text ? done : 0)),
      );
      rows.forEach((row, place) => {
        if (row.text === null) return;
        row.done++;
        if (row.done === row.text.seen.length) sample(row, logits[place]!);
      });
    }
    report();
  }
}

/** How many tokens of a text are read at most: the last new one never is. */
export function longestText(texts: GrowingText[], { maxNewTokens }: GrowthRules, context: number): number {
  return Math.min(
    context,
    texts.reduce((most, { promptIds }) => Math.max(most, promptIds.length), 0) + maxNewTokens - 1,
  );
}

// ---------------------------------------------------------------------------------------------------------------------

interface Row {
  text: GrowingText | null;
  /** how many of the tokens that its text sees have been read */
  done: number;
}

function same(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((id, place) => id === b[place]);
}
