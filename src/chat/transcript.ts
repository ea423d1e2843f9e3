import type { Row } from '../generation/row.ts';

/** All tokens of a chat. The model reads as many of the latest ones as fit, in whole lines. */
export interface Transcript {
  /** number of tokens so far; also where the next one stands */
  length(): number;
  /** Adds tokens, at least one, and reads them. */
  add(ids: number[]): Promise<void>;
  /** A line begins at this token, which may be the next one. */
  beginLine(start: number): void;
  /** The model's logits after the last token. The caller may change them. */
  logits(): Promise<Float32Array>;
  /** Forgets all tokens from this one on. */
  backTo(length: number): Promise<void>;
  /** how many lines have been dropped since the last call, because the model's context was full */
  takeDropped(): number;
}

export interface Beginning {
  /** ids before the first line, at least one */
  opening: number[];
  /** ids that stay before the latest lines when older ones are dropped */
  pinned: number[];
  /** the ids of each line that is there from the start */
  lines?: number[][];
}

/** How many tokens of lines are read at once: a quarter of the context stays free for what comes. */
export const roomForLines = (context: number, pinned: number[]): number =>
  Math.max(1, Math.floor((context * 3) / 4) - pinned.length);

/** Reads the beginning, which must fit. */
export async function openTranscript(row: Row, { opening, pinned, lines = [] }: Beginning): Promise<Transcript> {
  const tokens: number[] = [];
  const lineStarts: number[] = [];
  let windowStart = 0;
  let pinnedLength = 0;
  let dropped = 0;
  let latest: Float32Array | null = null;

  /** Reads the pinned tokens and the latest lines again, so that a quarter of the context, and `more`, is free. */
  const readAgain = async (more: number): Promise<void> => {
    const room = Math.max(1, roomForLines(row.context, pinned) - more);
    const least = Math.max(0, tokens.length - room);
    const start = least === 0 ? 0 : (lineStarts.find((index) => index >= least && index < tokens.length) ?? least);
    dropped += lineStarts.filter((index) => index >= windowStart && index < start).length;
    windowStart = start;
    pinnedLength = start === 0 ? 0 : pinned.length;
    row.setBack(0);
    const ids = [...(start === 0 ? [] : pinned), ...tokens.slice(start)];
    latest = ids.length > 0 ? await row.read(ids) : null;
  };

  const add = async (ids: number[]): Promise<void> => {
    if (row.place() + ids.length > row.context) await readAgain(ids.length);
    tokens.push(...ids);
    latest = await row.read(ids);
  };
  lines.reduce((start, ids) => (lineStarts.push(start), start + ids.length), opening.length);
  await add([...opening, ...lines.flat()]);

  return {
    length: () => tokens.length,
    add,
    beginLine: (start) => void lineStarts.push(start),
    async logits() {
      if (latest === null) {
        row.setBack(row.place() - 1);
        latest = await row.read([tokens.at(-1)!]);
      }
      return latest.slice();
    },
    async backTo(length) {
      tokens.length = length;
      while ((lineStarts.at(-1) ?? -1) >= length) lineStarts.pop();
      latest = null;
      if (length > windowStart) row.setBack(pinnedLength + length - windowStart);
      else await readAgain(0);
    },
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}
