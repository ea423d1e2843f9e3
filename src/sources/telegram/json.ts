import { decodeBytes } from '../text/encoding.ts';

/** What result.json holds, piece by piece. */
export type TelegramPiece =
  /** a list of messages begins; what its chat is called stands before it */
  | { kind: 'chat'; name: string | null; id: string | null }
  | { kind: 'message'; value: unknown }
  | { kind: 'damaged'; reason: string }
  /** the last piece; `trouble` says why reading ended before the end of the JSON */
  | { kind: 'end'; trouble: string | null };

/**
 * Telegram's export of one chat, `{"name": …, "messages": […]}`, or of an account, where such chats stand in
 * `chats.list`: the elements of every list called "messages" that is not inside another, one at a time, so that a file
 * of any size is read in the memory of its longest message, and one that breaks off gives what stands before. UTF-8.
 * Never throws for what the bytes are.
 */
export async function* telegramPieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<TelegramPiece> {
  const walk = walker();
  let begun = false;
  for await (const chunk of chunks) {
    begun ||= chunk.length > 0;
    yield* walk.go(chunk);
  }
  yield { kind: 'end', trouble: begun ? walk.trouble() : 'empty file' };
}

const LONGEST_MESSAGE_BYTES = 64 * 2 ** 20;
const LONGEST_NAME_BYTES = 4096;
const [QUOTE, BACKSLASH, COLON, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x3a, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** An object or list that is open outside of messages. */
interface Level {
  key: string;
  name: string | null;
  id: string | null;
}

function walker(): { go(chunk: Buffer): TelegramPiece[]; trouble(): string | null } {
  const levels: Level[] = [];
  let text = '';
  let inText = false;
  let escaped = false;
  /** the last text or number outside of messages, and the key before it */
  let scalar = '';
  let key = '';
  /** depth inside the list of messages: 1 between them; 0 outside of the list */
  let depth = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  let closed = false;

  const settle = (): void => {
    const level = levels.at(-1);
    if (level && text !== '' && key === 'name') level.name = text;
    if (level && key === 'id') level.id = text || /-?\d+/.exec(scalar)?.[0] || level.id;
    [key, text, scalar] = ['', '', ''];
  };
  const add = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > LONGEST_MESSAGE_BYTES) parts = [];
    else if (part.length > 0) parts.push(Buffer.from(part));
  };
  const message = (): TelegramPiece[] => {
    const piece =
      bytes > LONGEST_MESSAGE_BYTES
        ? ({
            kind: 'damaged',
            reason: `longer than ${LONGEST_MESSAGE_BYTES / 2 ** 20} MiB: ${Math.round(bytes / 1e6)} MB`,
          } as const)
        : pieceOf(Buffer.concat(parts));
    [parts, bytes] = [[], 0];
    return piece ? [piece] : [];
  };

  return {
    go(chunk) {
      const pieces: TelegramPiece[] = [];
      let start = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at]!;
        if (inText) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inText = false;
          if (depth === 0 && inText && text.length < LONGEST_NAME_BYTES) text += String.fromCharCode(byte);
          continue;
        }
        if (byte === QUOTE) {
          inText = true;
          if (depth === 0) text = '';
          continue;
        }
        if (depth > 0) {
          if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth++;
          else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--;
          if ((byte === COMMA && depth === 1) || depth === 0) {
            add(chunk.subarray(start, at));
            pieces.push(...message());
            start = at + 1;
          }
          continue;
        }
        if (byte === COLON) [key, text, scalar] = [text, '', ''];
        else if (byte === OPEN_LIST && key === 'messages') {
          const { name = null, id = null } = levels.at(-1) ?? {};
          pieces.push({ kind: 'chat', name: decodedName(name), id });
          [depth, start, key] = [1, at + 1, ''];
        } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
          levels.push({ key, name: null, id: null });
          [key, text, scalar] = ['', '', ''];
        } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
          settle();
          levels.pop();
          closed ||= levels.length === 0;
        } else if (byte === COMMA) settle();
        else if (scalar.length < LONGEST_NAME_BYTES) scalar += String.fromCharCode(byte);
      }
      if (depth > 0) add(chunk.subarray(start));
      return pieces;
    },
    trouble: () =>
      closed && depth === 0 && levels.length === 0 && !inText
        ? null
        : depth > 0 || levels.length > 0 || inText
          ? 'cut off: the JSON ends too early'
          : 'not valid JSON',
  };
}

function pieceOf(bytes: Buffer): TelegramPiece | null {
  const decoded = decodeBytes(bytes);
  if (decoded === null) return { kind: 'damaged', reason: 'neither UTF-8 nor windows-1252' };
  if (decoded.text.trim() === '') return null;
  try {
    return { kind: 'message', value: JSON.parse(decoded.text) };
  } catch {
    return { kind: 'damaged', reason: 'not valid JSON' };
  }
}

/** A name as it stands between quotes, its bytes as characters. */
function decodedName(raw: string | null): string | null {
  if (raw === null) return null;
  try {
    return JSON.parse(`"${Buffer.from(raw, 'latin1').toString('utf8')}"`) as string;
  } catch {
    return null;
  }
}
