import { gpt2 } from './gpt2/identity.ts';

export interface Vocabulary {
  ids: Record<string, number>;
  separator: number;
  /** byte → id of the piece that consists of this byte */
  byteIds: Int32Array;
  /**
   * the bytes of all pieces, in the order of their ids; an id has those from `starts[id]` to `starts[id + 1]`, the
   * separator none
   */
  bytes: Uint8Array;
  starts: Uint32Array;
}

/**
 * Parses `vocabJson`, which maps pieces to ids like OpenAI's `encoder.json`. Throws an Error if the ids are not 0, 1,
 * 2, … or a byte has no piece.
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
      throw new Error(`the ids of the vocabulary must be 0 to ${size - 1}, each once, but one is ${id}`);
    pieces[id] = id === separator ? '' : piece;
  }
  const byteIds = new Int32Array(256).fill(-1);
  byteOf.forEach((byte, unit) => (byteIds[byte] = ids[String.fromCharCode(unit)] ?? -1));
  if (byteIds.includes(-1)) throw new Error(`the vocabulary has no piece for byte ${byteIds.indexOf(-1)}`);
  return { ids, separator, byteIds, ...joinedPieces(pieces, byteOf) };
}

/** id → number of bytes of its text. */
export function byteLengthsOf({ starts }: Vocabulary): Uint8Array {
  return Uint8Array.from({ length: starts.length - 1 }, (_, id) => starts[id + 1]! - starts[id]!);
}

/** Merges as triples of ids (left, right, joined), best first. Throws an Error if a piece is not in the vocabulary. */
export function parseMerges(mergesText: string, { ids, separator }: Vocabulary): Int32Array {
  const lines = mergesText
    .split('\n')
    .slice(1)
    .filter((line) => line !== '');
  const triples = new Int32Array(lines.length * 3);
  for (const [i, line] of lines.entries()) {
    const space = line.indexOf(' ');
    const [left, right] = [line.slice(0, Math.max(0, space)), line.slice(space + 1)];
    const [a, b, both] = [ids[left], ids[right], ids[left + right]];
    if (a === undefined || b === undefined || both === undefined || [a, b, both].includes(separator))
      throw new Error(`line ${i + 2} of the merges does not match the vocabulary`);
    triples.set([a, b, both], i * 3);
  }
  return triples;
}

function joinedPieces(pieces: string[], byteOf: number[]): Pick<Vocabulary, 'bytes' | 'starts'> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  const starts = new Uint32Array(pieces.length + 1);
  let length = 0;
  for (const [id, piece] of pieces.entries()) {
    for (let i = 0; i < piece.length; i++) {
      const byte = byteOf[piece.charCodeAt(i)];
      if (byte === undefined) throw new Error(`piece ${id} of the vocabulary has a character that stands for no byte`);
      bytes[length++] = byte;
    }
    starts[id + 1] = length;
  }
  return { bytes, starts };
}

/**
 * Code unit → byte. OpenAI's files write each byte as a printable character: 188 bytes as themselves, the rest, in
 * order, as U+0100 and up.
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
