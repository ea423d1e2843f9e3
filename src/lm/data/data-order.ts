import { below, permutation, randomAt } from '../random/random.ts';
import type { TokenStream } from './token-stream.ts';

/** Where a training window may begin. */
export type DataOrder =
  | { kind: 'anywhere' }
  | { kind: 'documents' }
  | { kind: 'lines'; /** ids of tokens that end a line */ newlines: ReadonlySet<number> };

/** Consecutive targets in the stream. `start` is the position of the token before the first, around the ring. */
export interface Piece {
  start: number;
  targets: number;
}

/** A stream cut into windows of at most `context` targets. */
export interface Cut {
  windows: number;
  /** whether some windows have fewer targets than `context`; the rest of such a row is padding and must not count */
  padded: boolean;
  /** The content of a window, counted from 0, in an epoch. */
  piecesOf(epoch: number, window: number): Piece[];
}

/**
 * Cuts a stream into windows. Every stream is a ring: each document ends with a separator, so the last separator comes
 * before the first document.
 *
 * - `anywhere`: windows begin `context` tokens apart, elsewhere in each epoch. All but the last `tokens mod context`
 *   tokens are a target once per epoch. A stream with fewer tokens is one padded window.
 * - `documents`: every token is a target once per epoch. A window begins at the start of a document. A longer document
 *   continues in further windows; a shorter one, or the end of a longer one, is packed with other whole documents, and
 *   the rest of the window is padded. The cuts are the same in each epoch.
 * - `lines`: like `documents`, but a window contains consecutive whole lines; only a line longer than a window is cut.
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
  const piecesOf = (epoch: number, window: number): Piece[] => {
    const phase = below(randomAt(seed, epoch, 'phase', lane), tokens);
    return [{ start: (phase + window * context) % tokens, targets: context }];
  };
  return { windows: Math.floor(tokens / context), padded: false, piecesOf };
}

/** Cuts documents into chunks, and puts each chunk, in random order, into the first open row with enough room. */
function packedDocuments(
  stream: TokenStream,
  { context, seed, lane }: { context: number; seed: number; lane: number },
): Cut {
  const chunks = documentChunks(stream, context);
  const rows: number[][] = [];
  let open: { row: number[]; left: number }[] = [];
  for (const chunk of permutation(randomAt(seed, 0, 'phase', lane), chunks.first.length)) {
    const targets = chunks.targets[chunk]!;
    // The end of a longer document must begin its row: after another document, it would seem to continue that one.
    let fit = chunks.continues[chunk] ? undefined : open.find(({ left }) => left >= targets);
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
    piecesOf: (_, window) => rows[window]!.map(piece),
  };
}

/** More open rows mean less padding, but take more time. */
const OPEN_ROWS = 64;

function withoutFullest<Row extends { left: number }>(open: Row[]): Row[] {
  const least = Math.min(...open.map(({ left }) => left));
  const fullest = open.findIndex(({ left }) => left === least);
  return open.filter((_, index) => index !== fullest);
}

function documentChunks(
  stream: TokenStream,
  context: number,
): { first: Float64Array; targets: Uint32Array; /** 1: not the first chunk of its document */ continues: Uint8Array } {
  let count = 0;
  for (const [start, end] of documents(stream)) count += Math.ceil((end - start) / context);
  const chunks = {
    first: new Float64Array(count),
    targets: new Uint32Array(count),
    continues: new Uint8Array(count),
  };
  let chunk = 0;
  for (const [start, end] of documents(stream)) {
    for (let first = start; first < end; first += context, chunk++) {
      chunks.first[chunk] = first;
      chunks.targets[chunk] = Math.min(context, end - first);
      chunks.continues[chunk] = first > start ? 1 : 0;
    }
  }
  return chunks;
}

function wholeLines(stream: TokenStream, newlines: ReadonlySet<number>, context: number): Cut {
  const rows: Piece[] = [];
  let first = 0;
  let end = 0;
  const close = (end: number): void => {
    if (end > first) rows.push({ start: before(first, stream.tokens), targets: end - first });
    first = end;
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
    piecesOf: (_, window) => [rows[window]!],
  };
}

/** The position after each line. The separator of a document belongs to its last line. */
function* lineEnds(stream: TokenStream, newlines: ReadonlySet<number>): Generator<number> {
  for (const [start, end] of documents(stream)) {
    for (let first = start; first < end; first += READ_TOKENS) {
      const ids = stream.read(first, Math.min(READ_TOKENS, end - first));
      for (let i = 0; i < ids.length; i++) if (newlines.has(ids[i]!) && first + i + 2 < end) yield first + i + 1;
    }
    yield end;
  }
}

const READ_TOKENS = 1 << 16;

function* documents({ starts, tokens }: TokenStream): Generator<[start: number, end: number]> {
  const count = starts?.length ?? 1;
  for (let i = 0; i < count; i++) yield [starts?.[i] ?? 0, i + 1 < count ? starts![i + 1]! : tokens];
}

function before(position: number, tokens: number): number {
  return (position + tokens - 1) % tokens;
}
