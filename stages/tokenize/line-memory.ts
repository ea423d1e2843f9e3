/** The memory layout of `kernel/`, by which it and its caller exchange data. */
import type { Stamp, TemplatePart } from '../../src/artifacts/tokens/line-template.ts';
import { labelOf } from '../../src/tokenizer/token-labels.ts';

export interface Memory {
  bytes: Buffer;
  words: Uint32Array;
}

export const memoryViews = (buffer: ArrayBuffer): Memory => ({
  bytes: Buffer.from(buffer),
  words: new Uint32Array(buffer),
});

/** The layout that the kernel exports. Fields and counts are in words of four bytes. */
export interface Layout {
  count: { messages: number; speakers: number; textLength: number; stretches: number };
  message: { words: number; speaker: number; timeStart: number; timeEnd: number; textStart: number; textEnd: number };
  speaker: { words: number; nameStart: number; nameEnd: number; number: number };
  /** a part of the template */
  part: { words: number; kind: number; label: number; start: number; end: number };
  partKind: { literal: number; name: number; text: number; ms: number; s: number; given: number };
  nameBytes: number;
  /** return values of `viewLine` */
  form: { other: number; simple: number; oddTimes: number };
}

/** Reads the layout from the kernel's exported constants. Throws a TypeError if one is missing. */
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
 * Writes the template into the memory twice: once with stamps that are digits of the line's times and once with stamps
 * that the caller gives. Then follow its literals.
 */
export function writeParts(
  { bytes, words }: Memory,
  { part, partKind }: Layout,
  parts: TemplatePart[],
): { simple: number; given: number; literals: number; end: number } {
  const given = PARTS + parts.length * part.words * 4;
  const literals = given + parts.length * part.words * 4;
  const writePart = (index: number, kind: number, label: number, start: number, end: number): void => {
    words[index + part.kind] = kind;
    words[index + part.label] = label;
    words[index + part.start] = start;
    words[index + part.end] = end;
  };
  let end = literals;
  for (const [i, { class: tokenClass, literal, placeholder }] of parts.entries()) {
    const start = end;
    end += bytes.write(literal, start);
    const isGiven = placeholder === 'iso' || placeholder === 'gap';
    const kind = isGiven ? partKind.given : partKind[placeholder ?? 'literal'];
    writePart(PARTS / 4 + i * part.words, kind, LABELS[tokenClass], start, end);
    writePart(given / 4 + i * part.words, isStamp(placeholder) ? partKind.given : kind, LABELS[tokenClass], start, end);
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
   * last, because its size is not known in advance: `textBytes` does not include text added before and after the
   * messages
   */
  text: number;
  textBytes: number;
}

/** Offsets of regions large enough for any line of this many bytes, starting at `from`. */
export function regionsFor(lineBytes: number, layout: Layout, from: number, parts: TemplatePart[]): Regions {
  const messages = Math.ceil(lineBytes / MIN_MESSAGE_BYTES) + 1;
  const stamps = parts.filter(({ placeholder }) => isStamp(placeholder)).length;
  const literals = parts.reduce((sum, { literal }) => sum + Buffer.byteLength(literal), 0);
  const copies = Math.max(
    1,
    ...(['name', 'text'] as const).map((name) => parts.filter(({ placeholder }) => placeholder === name).length),
  );
  const nameSlots = 2 ** Math.ceil(Math.log2(2 * messages)); // at least half stay free
  let end = from;
  const allocate = (bytes: number): number => {
    const start = Math.ceil((end + MARGIN_BYTES) / 16) * 16;
    end = start + bytes;
    return start;
  };
  return {
    lineBytes,
    line: allocate(lineBytes + 1),
    messages: allocate(messages * layout.message.words * 4),
    speakers: allocate(messages * layout.speaker.words * 4),
    names: allocate(nameSlots * layout.nameBytes),
    nameSlots,
    hashInput: allocate(lineBytes + MAX_PREFIX_BYTES),
    given: allocate(messages * stamps * (4 + MAX_STAMP_BYTES)),
    stretches: allocate((messages * (parts.length + 2) + MAX_EXTRA_STRETCHES) * 8),
    hashes: allocate(messages * 8),
    text: allocate(0),
    textBytes: messages * (literals + stamps * MAX_STAMP_BYTES + 1) + copies * lineBytes,
  };
}

const PARTS = 1024;
export const PAGE_BYTES = 1 << 16;
export const MIN_LINE_BYTES = 1 << 16;
/** The kernel may read and write this many bytes beyond the end of a region. */
export const MARGIN_BYTES = 64;
/** `{"from":"","time":0,"text":""}` */
const MIN_MESSAGE_BYTES = 30;
const MAX_PREFIX_BYTES = 64;
/** enough for `-1.2345678901234567e-300` and for a date */
const MAX_STAMP_BYTES = 32;
/** for a header and an ending */
const MAX_EXTRA_STRETCHES = 8;

export const isStamp = (placeholder: string | null): placeholder is Stamp =>
  placeholder !== null && placeholder !== 'name' && placeholder !== 'text';

export const LABELS = { stamp: labelOf('stamp', 0), name: labelOf('name', 0), text: labelOf('text', 0) };
