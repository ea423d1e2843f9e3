import { decodeBytes } from '../text/encoding.ts';

/** What a thread's file holds, piece by piece. */
export type ThreadPiece =
  | { kind: 'message'; value: unknown; encoding: 'UTF-8' | 'windows-1252' }
  /** an element of the list of messages that is no JSON */
  | { kind: 'damaged'; reason: string }
  /** any other key of the file; of the list of messages, when it begins, the key alone */
  | { kind: 'field'; key: string; value: unknown }
  /** the last piece; `trouble` says why reading ended before the end of the JSON, or what was wrong with it */
  | { kind: 'end'; trouble: string | null };

/** Where a 2018 export of Instagram says `conversation`, all others say `messages`. */
const LISTS = /^\s*"(?:messages|conversation)"\s*:\s*$/;

/**
 * `{"participants": …, "messages": [{…}, {…}], …}`, UTF-8, one message at a time, so that a file of any size is read in
 * the memory of its longest message, and one that breaks off gives all that stands before the break. In batches, the
 * last of which ends with `end`. Never throws for what the bytes are.
 */
export async function* threadPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<ThreadPiece[]> {
  const cutter = unitCutter();
  let started = false;
  let failed: string | null = null;
  try {
    for await (const chunk of chunks) {
      started ||= chunk.length > 0;
      const pieces: ThreadPiece[] = [];
      for (const unit of cutter.cut(chunk)) {
        pieces.push(pieceOf(unit));
        if (pieces.at(-1)!.kind === 'end') break;
      }
      if (pieces.length > 0) yield pieces;
      if (pieces.at(-1)?.kind === 'end') return;
    }
  } catch (error) {
    failed = (error as Error).message; // those of tree-file.ts can be shown
  }
  yield [{ kind: 'end', trouble: failed ?? (started ? cutter.trouble() : 'empty file') }];
}

/** A message or a field may be this long, so that a runaway one does not fill the memory. */
const LONGEST_UNIT_BYTES = 64 * 2 ** 20;

/** The bytes between two commas at the level where messages, or the fields of the file, stand side by side. */
interface Unit {
  level: 'field' | 'message' | 'list';
  /** null if it is too long, or the list of messages begins */
  bytes: Buffer | null;
}

function pieceOf({ level, bytes }: Unit): ThreadPiece {
  if (level === 'list') return { kind: 'field', key: 'messages', value: null };
  if (level === 'message' && bytes === null)
    return { kind: 'damaged', reason: `longer than ${LONGEST_UNIT_BYTES / 2 ** 20} MiB` };
  if (bytes === null) return { kind: 'field', key: '', value: null };
  const decoded = decodeBytes(bytes);
  if (level === 'message') {
    if (decoded === null) return { kind: 'damaged', reason: 'neither UTF-8 nor windows-1252' };
    const parsed = parse(decoded.text);
    return parsed === undefined
      ? { kind: 'damaged', reason: 'not valid JSON' }
      : { kind: 'message', value: parsed, encoding: decoded.encoding };
  }
  const field = decoded && (parse(`{${decoded.text}}`) as Record<string, unknown> | undefined);
  if (!field) return { kind: 'end', trouble: 'not valid JSON' };
  const [key, value] = Object.entries(field)[0] ?? ['', null];
  return { kind: 'field', key, value };
}

/** Node's own message would quote the file. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface UnitCutter {
  cut(chunk: Buffer): Generator<Unit>;
  /** after the last chunk */
  trouble(): string | null;
}

/** Looks at brackets, quotes and commas alone; whether a unit is JSON is seen when it is parsed. */
function unitCutter(): UnitCutter {
  let depth = 0;
  let deepest = 0;
  let level: 1 | 2 = 1;
  let inString = false;
  let escaped = false;
  let closed = false;
  let wrong: string | null = null;
  let parts: Buffer[] = [];
  let length = 0;

  const keep = (piece: Buffer): void => {
    length += piece.length;
    if (length <= LONGEST_UNIT_BYTES) parts.push(Buffer.from(piece));
    else parts = [];
  };
  const finish = (piece: Buffer): Unit | null => {
    keep(piece);
    const bytes = length > LONGEST_UNIT_BYTES ? null : Buffer.concat(parts);
    parts = [];
    length = 0;
    return bytes !== null && isBlank(bytes) ? null : { level: level === 2 ? 'message' : 'field', bytes };
  };

  return {
    *cut(chunk) {
      let start = 0;
      for (let at = 0; at < chunk.length && wrong === null; at++) {
        if (inString) {
          if (escaped) {
            escaped = false;
            continue;
          }
          at = stringEnd(chunk, at);
          if (at === chunk.length) break;
          if (chunk[at] === BACKSLASH) escaped = true;
          else inString = false;
          continue;
        }
        const byte = chunk[at]!;
        if (depth === 0) {
          if (byte === OPEN_BRACE && !closed) {
            depth = deepest = 1;
            start = at + 1;
          } else if (!isSpace(byte))
            wrong = closed ? 'something follows the end of the JSON' : 'no thread: it lacks participants or messages';
          continue;
        }
        if (byte === QUOTE) inString = true;
        else if (byte === COMMA && depth === level) {
          const unit = finish(chunk.subarray(start, at));
          start = at + 1;
          if (unit) yield unit;
        } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
          depth++;
          deepest = Math.max(deepest, depth);
          if (
            byte === OPEN_BRACKET &&
            depth === 2 &&
            level === 1 &&
            length + at - start < 64 &&
            LISTS.test(Buffer.concat([...parts, chunk.subarray(start, at)]).toString('latin1'))
          ) {
            level = 2;
            parts = [];
            length = 0;
            start = at + 1;
            yield { level: 'list', bytes: null };
          }
        } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
          if (depth === level) {
            const unit = finish(chunk.subarray(start, at));
            start = at + 1;
            level = 1;
            if (unit) yield unit;
          }
          depth--;
          if (depth === 0) closed = true;
        }
      }
      if (depth > 0 && start < chunk.length) keep(chunk.subarray(start));
    },
    trouble: () =>
      wrong ??
      (closed
        ? null
        : deepest === 0
          ? 'no thread: it lacks participants or messages'
          : 'cut off: the JSON ends too early'),
  };
}

/** Where in the string a quote or a backslash stands; the chunk's length if neither. */
function stringEnd(chunk: Buffer, from: number): number {
  for (let at = from; at < chunk.length; at++) if (chunk[at] === QUOTE || chunk[at] === BACKSLASH) return at;
  return chunk.length;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every(isSpace);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
