import { findInTrain } from '../artifacts/tokens/train-runs.ts';
import type { TokenSplit } from '../artifacts/tokens/tokens.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { LineForm } from './line-form.ts';

/** A reply with so many tokens in a row from the training text recites it. */
export const RECITED_TOKENS = 12;

/** As many tokens are searched within about a second. */
export const MOST_SEARCHED = 20_000_000;

/**
 * The most tokens of the lines' texts that stand in a row in one of these splits; 0 if there are fewer than 8. Stamps
 * and names are left out of both, because a model is supposed to know them. Of large splits, the latest parts are
 * searched.
 */
export function longestRecited(
  train: readonly TokenSplit[],
  lines: readonly { from: string; text: string }[],
  { tokenizer, form }: { tokenizer: Tokenizer; form: LineForm },
): number {
  const ids = lines.flatMap((line) => textIds(line, { tokenizer, form }));
  const most = Math.floor(MOST_SEARCHED / train.length);
  return Math.max(
    0,
    ...train.map((split) => findInTrain(latestPart(split, most), [ids], ['stamp', 'name'])[0]!.longest),
  );
}

// ---------------------------------------------------------------------------

/** The tokens that the training text has for the text of such a line, and for its end. */
function textIds(
  line: { from: string; text: string },
  { tokenizer, form }: { tokenizer: Tokenizer; form: LineForm },
): number[] {
  const textAt = Buffer.byteLength(form.head(line.from, 0, null) + form.lead);
  let end = 0;
  return tokenizer.encode(form.line(line, 0, null)).filter((id) => (end += tokenizer.byteLengths[id]!) > textAt);
}

function latestPart({ tokens, read, labels }: TokenSplit, most: number): Parameters<typeof findInTrain>[0] {
  const start = Math.max(0, tokens - most);
  return {
    tokens: tokens - start,
    read: (from, length) => read(start + from, length),
    labels: (from, length) => labels(start + from, length),
  };
}
