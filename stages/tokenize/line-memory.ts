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

/** The layout that the kernel exports. Fields and counts are in words of four bytes. */
export interface Layout {
  count: { messages: number; speakers: number; textLength: number; stretches: number };
  message: { words: number; speaker: number; timeStart: number; timeEnd: number; textStart: number; textEnd: number };
  speaker: { words: number; nameStart: number; nameEnd: number; number: number };
  /** A part of the template. */
  part: { words: number; kind: number; label: number; start: number; end: number };
  partKind: { literal: number; name: number; text: number; ms: number; s: number; given: number };
  nameBytes: number;
  /** What `viewLine` returns. */
  form: { other: number; simple: number; oddTimes: number };
}

/** Throws a TypeError if the kernel does not export one of the constants. */
export function layoutOf(exports: unknown): Layout {
  const constant = (name: string): number => (exports as Record<string, WebAssembly.Global>)[name]!.value;
  const words = (name: string): number => constant(name) >> 2;
  return {
    count: {
      messages: words('MESSAGE_COUNT'),
      speakers: words('SPEAKER_COUNT'),
      textLength: words('TEXT_LENGTH'),
      stretches: words('STRETCH_COUNT'),
    },
    message: {
      words: words('MESSAGE_BYTES'),
      speaker: words('SPEAKER'),
      timeStart: words('TIME_START'),
      timeEnd: words('TIME_END'),
      textStart: words('TEXT_START'),
      textEnd: words('TEXT_END'),
    },
    speaker: {
      words: words('SPEAKER_BYTES'),
      nameStart: words('NAME_START'),
      nameEnd: words('NAME_END'),
      number: words('NUMBER'),
    },
    part: {
      words: words('PART_BYTES'),
      kind: words('KIND'),
      label: words('LABEL'),
      start: words('START'),
      end: words('END'),
    },
    partKind: {
      literal: constant('LITERAL'),
      name: constant('NAME'),
      text: constant('MESSAGE'),
      ms: constant('MILLISECONDS'),
      s: constant('SECONDS'),
      given: constant('GIVEN_STAMP'),
    },
    nameBytes: constant('NAME_BYTES'),
    form: { other: constant('OTHER_FORM'), simple: constant('SIMPLE'), oddTimes: constant('ODD_TIMES') },
  };
}

/**
 * The template twice, with its stamps as digits of the line's times and with stamps that are given, then what it says
 * itself.
 */
export function putParts(
  { bytes, words }: Memory,
  { part, partKind }: Layout,
  parts: TemplatePart[],
): { simple: number; given: number; literals: number; end: number } {
  const given = PARTS + parts.length * part.words * 4;
  const literals = given + parts.length * part.words * 4;
  const put = (at: number, kind: number, label: number, start: number, end: number): void => {
    words[at + part.kind] = kind;
    words[at + part.label] = label;
    words[at + part.start] = start;
    words[at + part.end] = end;
  };
  let end = literals;
  for (const [i, { class: tokenClass, literal, placeholder }] of parts.entries()) {
    const start = end;
    end += bytes.write(literal, start);
    const isGiven = placeholder === 'iso' || placeholder === 'gap';
    const kind = isGiven ? partKind.given : partKind[placeholder ?? 'literal'];
    put(PARTS / 4 + i * part.words, kind, LABELS[tokenClass], start, end);
    put(given / 4 + i * part.words, isStamp(placeholder) ? partKind.given : kind, LABELS[tokenClass], start, end);
  }
  return { simple: PARTS, given, literals, end };
}

export interface Regions {
  lineBytes: number;
  line: number;
  messages: number;
  speakers: number;
  names: number;
  nameSlots: number;
  hashInput: number;
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
export function regionsFor(lineBytes: number, layout: Layout, from: number, parts: TemplatePart[]): Regions {
  const messages = Math.ceil(lineBytes / LEAST_MESSAGE_BYTES) + 1;
  const stamps = parts.filter(({ placeholder }) => isStamp(placeholder)).length;
  const literals = parts.reduce((sum, { literal }) => sum + Buffer.byteLength(literal), 0);
  const copies = Math.max(
    1,
    ...(['name', 'text'] as const).map((one) => parts.filter(({ placeholder }) => placeholder === one).length),
  );
  const nameSlots = 2 ** Math.ceil(Math.log2(2 * messages)); // half of them stay free
  let end = from;
  const place = (bytes: number): number => {
    const start = Math.ceil((end + MARGIN_BYTES) / 16) * 16;
    end = start + bytes;
    return start;
  };
  return {
    lineBytes,
    line: place(lineBytes + 1),
    messages: place(messages * layout.message.words * 4),
    speakers: place(messages * layout.speaker.words * 4),
    names: place(nameSlots * layout.nameBytes),
    nameSlots,
    hashInput: place(lineBytes + MOST_PREFIX_BYTES),
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
