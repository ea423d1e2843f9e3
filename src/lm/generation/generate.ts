import { addToken, type GenerationRules, type ModelLimits, type TextSoFar } from './text-so-far.ts';

/** More texts at once take little extra time per token, but each needs its own cache. */
export const TEXTS_AT_ONCE = 16;

/**
 * A prompt of at least this many tokens is read in one pass, once for all texts that begin with it. Shorter prompts are
 * read one token per call, alongside the texts being written, because compiling a program for one pass takes as long as
 * about 50 tokens.
 */
export const ONE_PASS_FROM = 16;

/** Reads tokens into the rows of a cache. */
export interface CachedReader {
  readonly rows: number;
  /** Reads the beginning of a text into `rows`, in one pass; returns the logits after it. */
  prompt(ids: number[], rows: number[]): Promise<Float32Array>;
  /** Reads one token in each row; returns the logits after it for each row. Unused rows read token 0 at position 0. */
  tokens(ids: Int32Array, positions: Int32Array): Promise<Float32Array[]>;
}

export interface Generation {
  reader: CachedReader;
  limits: ModelLimits;
  rules: GenerationRules;
  signal: AbortSignal;
  /** called after each token */
  report(): void;
}

/**
 * Continues all texts until each has stopped, or until the signal aborts, which leaves some with `stopped: null`. Each
 * text has a row of the cache while it is being written; when it ends, the next text takes over the row.
 */
export async function generate(
  texts: TextSoFar[],
  { reader, limits, rules, signal, report }: Generation,
): Promise<void> {
  const rows = Array.from({ length: reader.rows }, (): Row => ({ text: null, done: 0 }));
  const waiting = [...texts];
  const sample = (row: Row, logits: Float32Array): void => {
    const text = row.text!;
    const before = text.seen;
    addToken(text, logits, rules, limits);
    if (text.seen !== before) row.done = 0;
    if (text.stopped !== null) row.text = null;
  };

  for (;;) {
    for (const row of rows)
      if (row.text === null && waiting.length > 0) Object.assign(row, { text: waiting.shift()!, done: 0 });
    if (signal.aborted || rows.every(({ text }) => text === null)) return;
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
        // A copy, because a repetition penalty changes the logits.
        sample(row, logits.slice());
      }
    } else {
      const logits = await reader.tokens(
        Int32Array.from(rows, ({ text, done }) => text?.seen[done] ?? 0),
        Int32Array.from(rows, ({ text, done }) => (text ? done : 0)),
      );
      rows.forEach((row, index) => {
        if (row.text === null) return;
        row.done++;
        if (row.done === row.text.seen.length) sample(row, logits[index]!);
      });
    }
    report();
  }
}

/** The maximum number of tokens read of any text. The last new token is never read. */
export function longestText(texts: TextSoFar[], { maxNewTokens }: GenerationRules, context: number): number {
  return Math.min(
    context,
    texts.reduce((most, { promptIds }) => Math.max(most, promptIds.length), 0) + maxNewTokens - 1,
  );
}

// ---------------------------------------------------------------------------------------------------------------------

interface Row {
  text: TextSoFar | null;
  /** number of tokens of the text that have been read */
  done: number;
}

function same(a: number[], b: number[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}
