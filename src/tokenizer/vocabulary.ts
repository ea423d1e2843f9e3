import { gpt2 } from './gpt2/identity.ts';

export interface Vocabulary {
  ids: Record<string, number>;
  separator: number;
  /** byte → id of the piece that is this byte alone */
  byteIds: Int32Array;
  /**
   * the bytes of all pieces, in the order of their ids: those of an id lie from `starts[id]` to `starts[id + 1]`; the
   * separator has none
   */
  bytes: Uint8Array;
  starts: Uint32Array;
}

/**
 * Throws an Error if the ids are not 0, 1, 2, … or a byte has no piece. `vocabJson`: piece → id, as OpenAI's
 * `encoder.json`.
 */
export function parseVocabulary(vocabJson: string): Vocabulary {
  const ids = JSON.parse(vocabJson) as Record<string, number>;
  const byteOf = bytesByCharacter();
  const size = Object.keys(ids).length;
  const separator = ids[gpt2.separatorText];
  if (separator === undefined) throw new Error(`the vocabulary has no ${gpt2.separatorText}`);
  const pieces = new Array<string>(size);
  for (const piece in ids) {
    const id = ids[piece]!;
    if (!Number.isInteger(id) || id < 0 || id >= size || pieces[id] !== undefined)
      throw new Error(`the vocabulary's ids are not 0 to ${size - 1}, each once: ${id}`);
    pieces[id] = id === separator ? '' : piece;
  }
  const byteIds = new Int32Array(256).fill(-1);
  byteOf.forEach((byte, unit) => (byteIds[byte] = ids[String.fromCharCode(unit)] ?? -1));
  if (byteIds.includes(-1)) throw new Error(`the vocabulary has no piece for byte ${byteIds.indexOf(-1)}`);
  return { ids, separator, byteIds, ...joinedPieces(pieces, byteOf) };
}

/** id → how many bytes of text it stands for. */
export function byteLengthsOf({ starts }: Vocabulary): Uint8Array {
  return Uint8Array.from({ length: starts.length - 1 }, (_, id) => starts[id + 1]! - starts[id]!);
}

/** Merges as triples of ids, best first: left, right, both joined. Throws an Error if a piece is not in the vocabulary. */
export function parseMerges(mergesText: string, { ids, separator }: Vocabulary): Int32Array {
  const lines = mergesText
    .split('\n')
    .slice(1)
    .filter((line) => line !== '');
  const triples = new Int32Array(lines.length * 3);
  for (const [i, line] of lines.entries()) {
    const blank = line.indexOf(' ');
    const [left, right] = [line.slice(0, Math.max(0, blank)), line.slice(blank + 1)];
    const [a, b, both] = [ids[left], ids[right], ids[left + right]];
    if (a === undefined || b === undefined || both === undefined || [a, b, both].includes(separator))
      throw new Error(`line ${i + 2} of the merges does not fit the vocabulary`);
    triples.set([a, b, both], i * 3);
  }
  return triples;
}

function joinedPieces(pieces: string[], byteOf: number[]): Pick<Vocabulary, 'bytes' | 'starts'> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  const starts = new Uint32Array(pieces.length + 1);
  let at = 0;
  for (const [id, piece] of pieces.entries()) {
    for (let i = 0; i < piece.length; i++) {
      const byte = byteOf[piece.charCodeAt(i)];
      if (byte === undefined) throw new Error(`the vocabulary's piece ${id} holds a character that stands for no byte`);
      bytes[at++] = byte;
    }
    starts[id + 1] = at;
  }
  return { bytes, starts };
}

/**
 * Code unit → byte, of OpenAI's printable stand-ins: 188 bytes stand for themselves, the rest are U+0100 upward in
 * order.
 */
function bytesByCharacter(): number[] {
  const byteOf: number[] = [];
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    byteOf[printable ? byte : next++] = byte;
  }
  return byteOf;
}
