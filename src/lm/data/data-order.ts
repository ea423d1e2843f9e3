import { below, permutation, randomAt } from '../random/random.ts';
import type { TokenStream } from './token-stream.ts';

/** Where a training window may begin. */
export type DataOrder =
  | { kind: 'anywhere' }
  | { kind: 'documents' }
  | { kind: 'lines'; /** ids of tokens that end a line */ newlines: ReadonlySet<number> };

/**
 * Targets that follow one another in the stream; `start` is the place of the token before the first, round the end of
 * the ring.
 */
export interface Piece {
  start: number;
  targets: number;
}

/** A stream cut into windows of at most `context` targets. */
export interface Cut {
  windows: number;
  /** some windows hold fewer targets than `context`: the rest of such a row is padding, and must not count */
  padded: boolean;
  /** What window `place`, from 0, holds in an epoch. */
  piecesOf(epoch: number, place: number): Piece[];
}

/**
 * Every stream is a ring: each document ends with a separator, so the last one's stands before the first.
 *
 * `anywhere`: windows lie `context` apart and each epoch cuts at another place; all but the last `tokens mod context`
 * tokens are a target once an epoch. A stream of fewer tokens is one window, padded. `documents`: every token is a
 * target once an epoch. A window begins where a document does; a longer one goes on in further windows, and what does
 * not fill a window is packed with whole other documents, the rest padded. The cuts are the same in each epoch.
 * `lines`: the same, but a window is a run of whole lines as they stand; only a line longer than a window is cut.
 */
export function cutStream(
  stream: TokenStream,
  order: DataOrder,
  { context, seed, lane }: { context: number; seed: number; lane: number },
): Cut {
  if (stream.tokens < 2) throw new Error(`a stream of ${stream.tokens} tokens has nothing to predict`);
  switch (order.kind) {
    case 'anywhere':
      return stream.tokens < context ? oneWindow(stream.tokens) : anywhere(stream.tokens, { context, seed, lane });
    case 'documents':
      return packedDocuments(stream, { context, seed, lane });
    case 'lines':
      return wholeLines(stream, order.newlines, context);
  }
}

// ---------------------------------------------------------------------------------------------------------------------

function oneWindow(tokens: number): Cut {
  return { windows: 1, padded: true, piecesOf: () => [{ start: tokens - 1, targets: tokens }] };
}

function anywhere(tokens: number, { context, seed, lane }: { context: number; seed: number; lane: number }): Cut {
  const piecesOf = (epoch: number, place: number): Piece[] => {
    const phase = below(randomAt(seed, epoch, 'phase', lane), tokens);
    return [{ start: (phase + place * context) % tokens, targets: context }];
  };
  return { windows: Math.floor(tokens / context), padded: false, piecesOf };
}

/** Each document's chunks, then each chunk's row: the first of the open rows that has room, chunks in random order. */
function packedDocuments(
  stream: TokenStream,
  { context, seed, lane }: { context: number; seed: number; lane: number },
): Cut {
  const chunks = documentChunks(stream, context);
  const rows: number[][] = [];
  let open: { row: number[]; left: number }[] = [];
  for (const chunk of permutation(randomAt(seed, 0, 'phase', lane), chunks.first.length)) {
    const targets = chunks.targets[chunk]!;
    // The end of a longer document stands at the beginning of its row: after another document it would read as that one's.
    let fit = chunks.opens[chunk] ? undefined : open.find(({ left }) => left >= targets);
    if (!fit) {
      fit = { row: [], left: context };
      rows.push(fit.row);
      open.push(fit);
    }
    fit.row.push(chunk);
    fit.left -= targets;
    if (fit.left === 0 || open.length > OPEN_ROWS) open = withoutFullest(open);
  }
  const piece = (chunk: number): Piece => ({
    start: before(chunks.first[chunk]!, stream.tokens),
    targets: chunks.targets[chunk]!,
  });
  return {
    windows: rows.length,
    padded: rows.length * context > stream.tokens,
    piecesOf: (_, place) => rows[place]!.map(piece),
  };
}

/** More open rows leave less padding and take more time. */
const OPEN_ROWS = 64;

function withoutFullest<Row extends { left: number }>(open: Row[]): Row[] {
  const least = Math.min(...open.map(({ left }) => left));
  const at = open.findIndex(({ left }) => left === least);
  return open.filter((_, place) => place !== at);
}

function documentChunks(
  stream: TokenStream,
  context: number,
): { first: Float64Array; targets: Uint32Array; opens: Uint8Array } {
  let count = 0;
  for (const [start, end] of documents(stream)) count += Math.ceil((end - start) / context);
  const chunks = { first: new Float64Array(count), targets: new Uint32Array(count), opens: new Uint8Array(count) };
  let chunk = 0;
  for (const [start, end] of documents(stream)) {
    for (let first = start; first < end; first += context, chunk++) {
      chunks.first[chunk] = first;
      chunks.targets[chunk] = Math.min(context, end - first);
      chunks.opens[chunk] = first > start ? 1 : 0;
    }
  }
  return chunks;
}

function wholeLines(stream: TokenStream, newlines: ReadonlySet<number>, context: number): Cut {
  const rows: Piece[] = [];
  let first = 0;
  let end = 0;
  const close = (at: number): void => {
    if (at > first) rows.push({ start: before(first, stream.tokens), targets: at - first });
    first = at;
  };
  for (const lineEnd of lineEnds(stream, newlines)) {
    if (lineEnd - first > context) close(end);
    while (lineEnd - first > context) close(first + context);
    end = lineEnd;
  }
  close(end);
  return {
    windows: rows.length,
    padded: rows.length * context > stream.tokens,
    piecesOf: (_, place) => [rows[place]!],
  };
}

/** The places just behind each line. A document's separator belongs to its last line. */
function* lineEnds(stream: TokenStream, newlines: ReadonlySet<number>): Generator<number> {
  for (const [start, end] of documents(stream)) {
    for (let at = start; at < end; at += READ_TOKENS) {
      const ids = stream.read(at, Math.min(READ_TOKENS, end - at));
      for (let i = 0; i < ids.length; i++) if (newlines.has(ids[i]!) && at + i + 2 < end) yield at + i + 1;
    }
    yield end;
  }
}

const READ_TOKENS = 1 << 16;

function* documents({ starts, tokens }: TokenStream): Generator<[start: number, end: number]> {
  const count = starts?.length ?? 1;
  for (let i = 0; i < count; i++) yield [starts?.[i] ?? 0, i + 1 < count ? starts![i + 1]! : tokens];
}

function before(place: number, tokens: number): number {
  return (place + tokens - 1) % tokens;
}
