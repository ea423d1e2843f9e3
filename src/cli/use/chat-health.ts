import type { TokenReader } from '../../artifacts/tokens/tokens.ts';
import type { ChatLine } from '../../chat/exchanges.ts';
import { healthLines } from '../../health/health-report.ts';
import { healthOf } from '../../health/health.ts';
import { inPieces, type HealthText } from '../../health/text.ts';
import { heldOutSplit } from '../../held-out/held-out-split.ts';
import { latestConversations } from '../../held-out/latest-conversations.ts';
import { lineReader, type LineReader } from '../../held-out/line-reader.ts';
import { counted } from '../../numbers/counted.ts';
import { StageInputError } from '../../pipeline/stage-kind.ts';
import { lineEndIds, type Tokenizer } from '../../tokenizer/tokenizer.ts';

/** Below this, the figures say nothing. */
export const FEWEST_LINES = 10;

/** In longer texts, more lines repeat an earlier one; held-out conversations may be short. */
const MOST_IN_A_PIECE = 20;

/** The figures in lines of text, or why there are none. */
export type ChatHealth = { lines: string[] } | { why: string };

/**
 * What is wrong with the lines that a model wrote in a chat, beside held-out lines of the same people. Both are cut
 * into pieces of as many lines. Reads the held-out text, which can take a second.
 */
export function chatHealth(chat: readonly ChatLine[][], tokens: TokenReader, tokenizer: Tokenizer): ChatHealth {
  const written = chat.flat().filter(({ isWritten }) => isWritten);
  if (written.length === 0) return { why: 'the model has not written anything yet' };
  const split = heldOutSplit(tokens);
  const reader = readerOf(tokens);
  if (split === null || reader === null)
    return { why: 'no conversations were held out of training, so there is nothing to compare with' };
  const { speakers } = tokens.index;
  const reading = { tokenizer, lineEnds: lineEndIds(tokenizer), reader, speakers };
  const people = new Set(written.map(({ from }) => (reader.hasNames ? from : '')));
  const whose = counted(people.size, 'person', 'people');
  const real = latestConversations(tokens.split(split), people, reading).map(({ lines }): HealthText =>
    lines.flatMap((line) => (line ? [{ text: line.text, isWritten: people.has(line.who) }] : [])),
  );
  const most = Math.min(MOST_IN_A_PIECE, Math.max(...chat.map(({ length }) => length)));
  const health = healthOf(inPieces(chat, most), inPieces(real, most));
  if (health.real.lines === 0) return { why: 'no held-out lines are by those whom the model wrote as' };
  return {
    lines: [
      `what the model wrote, beside held-out lines of the same ${whose} (${split} split); !: they part`,
      ...healthLines(health, 'held out').map((line) => `  ${line}`),
    ],
  };
}

// ---------------------------------------------------------------------------

/** Null if the lines cannot be told apart. */
function readerOf({ index: { template, speakers } }: TokenReader): LineReader | null {
  try {
    return lineReader(template, new Set(speakers));
  } catch (error) {
    if (error instanceof StageInputError) return null;
    throw error;
  }
}
