/** A stretch of consecutive messages: indices of the first one and after the last one. */
export interface Piece {
  first: number;
  end: number;
}

export interface Pieces {
  /** in order; each ends with a message of mine */
  pieces: Piece[];
  /** messages of others that no message of mine follows in their piece */
  unanswered: number;
  /** messages in pieces without a message of mine */
  withoutMe: number;
}

export interface Measured {
  /** milliseconds since 1970; null if unknown */
  time: number | null;
  mine: boolean;
  tokens: number;
}

/**
 * Cuts a conversation at its longest silence, and the parts again, until each has at most `most` tokens. A single
 * longer message stays whole. What follows the last message of mine is left out first, as nothing can be learned from
 * it. `opening`: the tokens that a piece costs more if it begins with a message of mine.
 */
export function fittingPieces(
  messages: readonly Measured[],
  { most, opening }: { most: number; opening: number },
): Pieces {
  const before = new Float64Array(messages.length + 1);
  const lastMine = new Int32Array(messages.length);
  for (const [i, { tokens, mine }] of messages.entries()) {
    before[i + 1] = before[i]! + tokens;
    lastMine[i] = mine ? i : i === 0 ? -1 : lastMine[i - 1]!;
  }
  const found: Pieces = { pieces: [], unanswered: 0, withoutMe: 0 };
  const left: Piece[] = messages.length > 0 ? [{ first: 0, end: messages.length }] : [];
  for (let piece = left.pop(); piece; piece = left.pop()) {
    const { first } = piece;
    const end = lastMine[piece.end - 1]! + 1;
    if (end <= first) {
      found.withoutMe += piece.end - first;
      continue;
    }
    found.unanswered += piece.end - end;
    const tokens = before[end]! - before[first]! + (messages[first]!.mine ? opening : 0);
    if (tokens <= most || end - first === 1) {
      found.pieces.push({ first, end });
      continue;
    }
    const cut = longestSilence(messages, before, { first, end });
    left.push({ first: cut, end }, { first, end: cut });
  }
  return found;
}

/**
 * Index of the message before which to cut: after the longest silence; of equal ones, where the parts are most alike.
 * If that silence is among messages that I answer, or before the answer, the cut is before all of them. Only where I
 * write nothing but the last message, some of those messages are cut off.
 */
function longestSilence(messages: readonly Measured[], before: Float64Array, { first, end }: Piece): number {
  const middle = (before[first]! + before[end]!) / 2;
  let firstMine = first;
  while (!messages[firstMine]!.mine) firstMine++; // the last message is mine
  const onlyAnswers = firstMine === end - 1;
  let [best, longest, distance] = [first + 1, -1, Infinity];
  for (let i = first + 1, question = i; i < end; i++) {
    if (messages[i - 1]!.mine) question = i;
    if (i <= firstMine && !(onlyAnswers && i < firstMine)) continue;
    const place = onlyAnswers ? i : question;
    const silence = silenceBetween(messages[i - 1]!.time, messages[i]!.time);
    const fromMiddle = Math.abs(before[place]! - middle);
    if (silence > longest || (silence === longest && fromMiddle < distance))
      [best, longest, distance] = [place, silence, fromMiddle];
  }
  return best;
}

const silenceBetween = (before: number | null, after: number | null): number =>
  before === null || after === null ? 0 : Math.max(0, after - before);
