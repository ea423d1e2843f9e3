/** How the memory of `kernel/` is laid out: what it finds and makes lies where both sides look for it. */
import type { Stamp, TemplatePart } from './line-template.ts';
import { labelOf } from '../../src/tokenizer/token-labels.ts';

export interface Memory {
  bytes: Buffer;
  words: Uint32Array;
}

export const viewsOf = (buffer: ArrayBuffer): Memory => ({
  bytes: Buffer.from(buffer),
  words: new Uint32Array(buffer),
});

/** As in `kernel/memory.ts` and `kernel/view-line.ts`: places are counted in words of four bytes. */
export const COUNT = { messages: 4, speakers: 5, textLength: 6, stretches: 7 };
export const MESSAGE = { words: 5, speaker: 0, timeStart: 1, timeEnd: 2, textStart: 3, textEnd: 4 };
export const SPEAKER = { words: 3, nameStart: 0, nameEnd: 1, number: 2 };
const NAME_BYTES = 8;
export const FORM = { other: 0, simple: 1, oddTimes: 2 };

/** As in `kernel/render-messages.ts`. */
const PART_WORDS = 4;
const KIND = { literal: 0, name: 1, text: 2, ms: 3, s: 4, given: 5 };

/**
 * The template twice, with its stamps as digits of the line's times and with stamps that are given, then what it says
 * itself.
 */
export function putParts(
  { bytes, words }: Memory,
  parts: TemplatePart[],
): { simple: number; given: number; literals: number; end: number } {
  const given = PARTS + parts.length * PART_WORDS * 4;
  const literals = given + parts.length * PART_WORDS * 4;
  let end = literals;
  for (const [i, { class: tokenClass, literal, placeholder }] of parts.entries()) {
    const start = end;
    end += bytes.write(literal, start);
    const kind = placeholder === 'iso' || placeholder === 'gap' ? KIND.given : KIND[placeholder ?? 'literal'];
    words.set([kind, LABELS[tokenClass], start, end], PARTS / 4 + i * PART_WORDS);
    words.set([isStamp(placeholder) ? KIND.given : kind, LABELS[tokenClass], start, end], given / 4 + i * PART_WORDS);
  }
  return { simple: PARTS, given, literals, end };
}

export interface Places {
  lineBytes: number;
  line: number;
  messages: number;
  speakers: number;
  names: number;
  namePlaces: number;
  said: number;
  given: number;
  stretches: number;
  hashes: number;
  /**
   * last, for only of it is not known how long it may become: what is put before and after the messages is not in
   * `textBytes`
   */
  text: number;
  textBytes: number;
}

/** With room for all that a line of so many bytes can hold. */
export function placesFor(lineBytes: number, from: number, parts: TemplatePart[]): Places {
  const messages = Math.ceil(lineBytes / LEAST_MESSAGE_BYTES) + 1;
  const stamps = parts.filter(({ placeholder }) => isStamp(placeholder)).length;
  const literals = parts.reduce((sum, { literal }) => sum + Buffer.byteLength(literal), 0);
  const copies = Math.max(
    1,
    ...(['name', 'text'] as const).map((one) => parts.filter(({ placeholder }) => placeholder === one).length),
  );
  const namePlaces = 2 ** Math.ceil(Math.log2(2 * messages)); // half of them stay free
  let end = from;
  const place = (bytes: number): number => {
    const start = Math.ceil((end + MARGIN_BYTES) / 16) * 16;
    end = start + bytes;
    return start;
  };
  return {
    lineBytes,
    line: place(lineBytes + 1),
    messages: place(messages * MESSAGE.words * 4),
    speakers: place(messages * SPEAKER.words * 4),
    names: place(namePlaces * NAME_BYTES),
    namePlaces,
    said: place(lineBytes + MOST_PREFIX_BYTES),
    given: place(messages * stamps * (4 + MOST_STAMP_BYTES)),
    stretches: place((messages * (parts.length + 2) + MOST_PUT_AROUND) * 8),
    hashes: place(messages * 8),
    text: place(0),
    textBytes: messages * (literals + stamps * MOST_STAMP_BYTES + 1) + copies * lineBytes,
  };
}

const PARTS = 1024;
export const PAGE_BYTES = 1 << 16;
export const LEAST_LINE_BYTES = 1 << 16;
/** What the kernel may read and write behind an end. */
export const MARGIN_BYTES = 64;
/** `{"from":"","time":0,"text":""}` */
const LEAST_MESSAGE_BYTES = 30;
const MOST_PREFIX_BYTES = 64;
/** of `-1.2345678901234567e-300`, and of a date */
const MOST_STAMP_BYTES = 32;
/** a header and an ending */
const MOST_PUT_AROUND = 8;

export const isStamp = (placeholder: string | null): placeholder is Stamp =>
  placeholder !== null && placeholder !== 'name' && placeholder !== 'text';

export const LABELS = { stamp: labelOf('stamp', 0), name: labelOf('name', 0), text: labelOf('text', 0) };
