import { decodeBytes } from './encoding.ts';
import { parseJson } from './json-digits.ts';

/** The contents of a JSON file, in the order of the file. */
export type JsonElement =
  /** The start of an object or list whose members follow one at a time. */
  | { kind: 'open'; position: Position; as: 'object' | 'list' }
  /** An element of a list. */
  | { kind: 'element'; value: unknown; encoding: 'UTF-8' | 'windows-1252' }
  /** An element of a list that could not be read. */
  | { kind: 'damaged'; reason: string }
  /**
   * Any other value; at depth 0, anything outside of all objects and lists. `value` is undefined if it is not valid
   * JSON and null if it is too long. Here and in elements, an integer that a number cannot hold is a string.
   */
  | { kind: 'field'; position: Position; value: unknown }
  /** Always last; `trouble` is the reason if reading ended before the end of the JSON. */
  | { kind: 'end'; trouble: string | null };

/** The position of a value: its key, if it has one, and how many open objects and lists are around it. */
export interface Position {
  depth: number;
  key: string | null;
}

/**
 * What to do with an object (`{`) or list (`[`): hand out its members one at a time, as `element`s of a list or as
 * `field`s of an object, or hand it out as one value.
 */
export type Opening = (position: Position, bracket: '{' | '[') => 'list' | 'object' | 'value';

export const NOT_JSON = 'not valid JSON';

/** Longer values are skipped, so that a runaway string does not fill the memory. */
const LONGEST_VALUE_BYTES = 64 * 2 ** 20;
/** How many bytes before a value are searched for its key. */
const LONGEST_KEY_BYTES = 4096;

/**
 * Splits a JSON file of any size into the elements of its lists, in batches. Holds at most one element in memory, so a
 * truncated file yields everything before the break. Each value may be UTF-8 or windows-1252. Throws only what `chunks`
 * throws.
 */
export async function* jsonElements(chunks: AsyncIterable<Buffer>, opening: Opening): AsyncGenerator<JsonElement[]> {
  const cutter = newCutter(opening);
  let isEmpty = true;
  for await (const chunk of chunks) {
    isEmpty &&= chunk.length === 0;
    cut(cutter, chunk);
    if (cutter.found.length > 0) yield cutter.found.splice(0);
  }
  if (cutter.levels.length === 1) endValue(cutter, NOTHING);
  yield [...cutter.found, { kind: 'end', trouble: isEmpty ? 'empty file' : finalTrouble(cutter) }];
}

/**
 * The state of the cutter between two bytes. It checks only brackets, quotes, commas and backslashes. Whether a value
 * is valid JSON turns out when it is parsed.
 */
interface Cutter {
  opening: Opening;
  /** The objects and lists whose members are handed out one at a time, innermost last; first the file itself. */
  levels: ('file' | 'object' | 'array' | 'list')[];
  /** How many more brackets are open inside the current value. */
  nested: number;
  /** Whether the current value has a bracket and is handed out whole. */
  isWhole: boolean;
  inString: boolean;
  isEscaped: boolean;
  /** The bytes of the current value in earlier chunks, with its key; none if it is too long. */
  chunks: Buffer[];
  bytes: number;
  /** Whether any object or array has ended. */
  isClosed: boolean;
  found: JsonElement[];
}

function newCutter(opening: Opening): Cutter {
  return {
    opening,
    levels: ['file'],
    nested: 0,
    isWhole: false,
    inString: false,
    isEscaped: false,
    chunks: [],
    bytes: 0,
    isClosed: false,
    found: [],
  };
}

function cut(cutter: Cutter, chunk: Buffer): void {
  let start = 0;
  for (let index = nextMark(cutter, chunk, 0); index < chunk.length; index = nextMark(cutter, chunk, index + 1)) {
    const byte = chunk[index]!;
    if (byte === QUOTE) cutter.inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (cutter.nested === 0 && open(cutter, chunk.subarray(start, index), byte)) start = index + 1;
      else cutter.nested++;
    } else if (cutter.nested === 0) {
      endValue(cutter, chunk.subarray(start, index));
      start = index + 1;
      if (cutter.levels.length === 1) misplaced(cutter);
      if (byte !== COMMA) close(cutter);
    } else if (byte !== COMMA) cutter.nested--;
  }
  keep(cutter, chunk.subarray(start));
}

/** The index of the next quote, bracket or comma that is not in a string; the length of the chunk if there is none. */
function nextMark(cutter: Cutter, chunk: Buffer, from: number): number {
  let index = cutter.inString ? endOfString(cutter, chunk, from) : from;
  while (index < chunk.length && IS_MARK[chunk[index]!] === 0) index++;
  return index;
}

/** The index after the closing quote; the length of the chunk if the string goes beyond it. */
function endOfString(cutter: Cutter, chunk: Buffer, from: number): number {
  let index = cutter.isEscaped ? from + 1 : from;
  while (index < chunk.length && chunk[index] !== QUOTE) index += chunk[index] === BACKSLASH ? 2 : 1;
  cutter.isEscaped = index > chunk.length;
  cutter.inString = index >= chunk.length;
  return Math.min(index + 1, chunk.length);
}

/** Opens an object or list. Returns whether its members are handed out one at a time. */
function open(cutter: Cutter, tail: Buffer, byte: number): boolean {
  if (cutter.isWhole || cutter.levels.at(-1) === 'list') return false;
  const { key, isExact } = keyBefore(cutter, tail);
  const depth = cutter.levels.length - 1;
  const as = cutter.opening({ depth, key }, byte === OPEN_LIST ? '[' : '{');
  if (as === 'value') {
    cutter.isWhole = true;
    return false;
  }
  // Report anything before the bracket besides a key and white space, because it is discarded with the key.
  if (!isExact) cutter.found.push({ kind: 'field', position: { depth, key: null }, value: undefined });
  cutter.found.push({ kind: 'open', position: { depth, key }, as });
  cutter.levels.push(as === 'object' && byte === OPEN_LIST ? 'array' : as);
  forget(cutter);
  return true;
}

/** The key in the bytes since the last value. `isExact`: the bytes contain nothing else. */
function keyBefore({ chunks, bytes }: Cutter, tail: Buffer): { key: string | null; isExact: boolean } {
  const length = bytes + tail.length;
  if (length === 0) return { key: null, isExact: true };
  const text = Buffer.concat([...chunks, tail])
    .subarray(-LONGEST_KEY_BYTES)
    .toString('latin1');
  const match = KEY.exec(text);
  const rest = match ? text.slice(0, match.index) + match[2]! + match[3]! : text;
  const key = match && (parseJson(Buffer.from(`"${match[1]!}"`, 'latin1').toString()) as string | undefined);
  return { key: key ?? null, isExact: length <= LONGEST_KEY_BYTES && rest.trim() === '' };
}

const KEY = /"((?:[^"\\]|\\[^])*)"([^":]*):([^":]*)$/;

function close(cutter: Cutter): void {
  const level = cutter.levels.length > 1 ? cutter.levels.pop() : 'file';
  if (level !== 'list' || cutter.levels.length === 1) cutter.isClosed = true;
}

/** Reports a comma or closing bracket outside of all objects and lists. */
function misplaced({ found }: Cutter): void {
  found.push({ kind: 'field', position: { depth: 0, key: null }, value: undefined });
}

/** Hands out the value that ends with `tail`. */
function endValue(cutter: Cutter, tail: Buffer): void {
  const { chunks } = cutter;
  const isTooLong = cutter.bytes + tail.length > LONGEST_VALUE_BYTES;
  forget(cutter);
  const bytes = chunks.length === 0 ? tail : Buffer.concat([...chunks, tail]);
  if (!isTooLong && isBlank(bytes)) return;
  const level = cutter.levels.at(-1)!;
  if (level === 'list') cutter.found.push(isTooLong ? TOO_LONG : listElement(bytes));
  else {
    const field = objectField(isTooLong ? null : bytes, level === 'object', cutter.levels.length - 1);
    // A list or object that nobody wanted to split is JSON all the same.
    if (level === 'file' && (isTooLong || isObjectOrList(field))) cutter.isClosed = true;
    cutter.found.push(field);
  }
}

const isObjectOrList = (field: JsonElement): boolean =>
  field.kind === 'field' && typeof field.value === 'object' && field.value !== null;

const TOO_LONG: JsonElement = { kind: 'damaged', reason: `longer than ${LONGEST_VALUE_BYTES / 2 ** 20} MiB` };

function listElement(bytes: Buffer): JsonElement {
  const decoded = decodeBytes(bytes);
  if (decoded === null) return { kind: 'damaged', reason: 'neither UTF-8 nor windows-1252' };
  const value = parseJson(decoded.text);
  if (value === undefined) return { kind: 'damaged', reason: NOT_JSON };
  return { kind: 'element', value, encoding: decoded.encoding };
}

/** `bytes`: null if the value is too long. */
function objectField(bytes: Buffer | null, hasKey: boolean, depth: number): JsonElement {
  if (bytes === null) return { kind: 'field', position: { depth, key: null }, value: null };
  const text = decodeBytes(bytes)?.text ?? '';
  if (!hasKey) return { kind: 'field', position: { depth, key: null }, value: parseJson(text) };
  const [key = null, value] = Object.entries((parseJson(`{${text}}`) ?? {}) as Record<string, unknown>)[0] ?? [];
  return { kind: 'field', position: { depth, key }, value };
}

/** Copies the bytes, because chunks are views of memory that is reused. */
function keep(cutter: Cutter, bytes: Buffer): void {
  cutter.bytes += bytes.length;
  if (cutter.bytes > LONGEST_VALUE_BYTES) cutter.chunks = [];
  else if (bytes.length > 0) cutter.chunks.push(Buffer.from(bytes));
}

function forget(cutter: Cutter): void {
  cutter.chunks = [];
  cutter.bytes = 0;
  cutter.isWhole = false;
}

function finalTrouble({ levels, nested, inString, isClosed }: Cutter): string | null {
  if (levels.length > 1 || nested > 0 || inString) return 'cut off: the JSON ends too early';
  return isClosed ? null : NOT_JSON;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09);
}

const NOTHING = Buffer.alloc(0);
const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x2c, 0x5b, 0x5d, 0x7b, 0x7d,
] as const;
const IS_MARK = new Uint8Array(256);
for (const byte of [QUOTE, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT]) IS_MARK[byte] = 1;
