import { conversationLine, parseConversation } from '../../src/artifacts/conversations.ts';
import { stampText, type LineTemplate, type Stamp, type TemplatePart } from '../../src/lm/line-template.ts';
import { labelOf } from '../../src/lm/token-labels.ts';
import { StageInputError } from '../define-stage.ts';
import kernelBytes from './kernel/index.wasm';

/** The conversation at hand, as it lies in its line: `kernel/` finds there who says what, and renders it. */
export interface ConversationLine {
  /** Takes in another one: well-formed UTF-8 without its LF. Throws an Error with the line's number if it is no conversation. */
  take(line: Buffer, number: number): void;
  messages(): number;
  speakers(): number;
  /** Of a message: the place of its speaker. */
  speakerOf(message: number): number;
  hasTime(message: number): boolean;
  /** Of a message, in milliseconds since 1970; NaN if it has no time. */
  timeOf(message: number): number;
  /** Of a speaker, by the place. */
  nameOf(speaker: number): string;
  isNobody(speaker: number): boolean;
  /** What a speaker is called in labels: to be said of each before anything is rendered. 0 is nobody, whose messages are their text alone. */
  number(speaker: number, number: number): void;
  /** `prefix`, in ASCII, and then who says what, times aside: name, tab, text, LF of each message. Valid until the next call, as all bytes here. */
  said(prefix: string): Uint8Array;
  /** Of each text of at least `longChars` characters (8 or more) 53 bits of a hash. */
  hashes(first: number, end: number, longChars: number): Float64Array;

  /** Begins a new text. */
  clear(): void;
  /** Adds to it. */
  put(text: string, label: number): void;
  /** Adds the messages from `first` up to, not including, `end`, through the template: one line each, ended by LF. */
  render(first: number, end: number): void;
  /** `length` bytes of `bytes` from `start` on, and its stretches of one label, as `labelTokens` takes them. */
  text(): { bytes: Uint8Array; start: number; length: number; stretches: Uint32Array };
}

interface Kernel {
  memory: WebAssembly.Memory;
  arrange(line: number, messages: number, speakers: number, names: number, namePlaces: number, said: number, given: number, stretches: number, hashes: number, text: number): void;
  viewLine(length: number): number;
  clear(): void;
  endStretch(length: number, label: number): void;
  renderMessages(first: number, end: number, parts: number, partsEnd: number, textLabel: number): void;
  sayAll(length: number): number;
  hashLines(first: number, end: number, longChars: number): number;
}

export function openConversationLine(template: LineTemplate): ConversationLine {
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes)).exports as Kernel;
  let memory = viewsOf(kernel);
  const parts = putParts(memory, template.parts);
  const stamps = template.parts.flatMap(({ placeholder }) => (isStamp(placeholder) ? [placeholder] : []));
  let places = placesFor(LEAST_LINE_BYTES, parts.end, template.parts);
  /** The stamps of the conversation at hand are more than digits of the times in its line. */
  let areStampsGiven = false;

  const makeRoom = (end: number): void => {
    const missing = end + MARGIN_BYTES - memory.bytes.length;
    if (missing <= 0) return;
    try {
      kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch {
      throw new StageInputError(`a conversation of ${Math.round(places.lineBytes / 1e6)} MB is too long to be encoded as one`, 'set `splitAfterHours` on the ingest stage');
    }
    memory = viewsOf(kernel);
  };
  const arrange = (lineBytes: number): void => {
    places = placesFor(lineBytes, parts.end, template.parts);
    makeRoom(places.text + places.textBytes);
    kernel.arrange(places.line, places.messages, places.speakers, places.names, places.namePlaces, places.said, places.given, places.stretches, places.hashes, places.text);
  };
  const view = (line: Buffer): number => {
    if (line.length > places.lineBytes) arrange(Math.ceil(1.25 * line.length));
    memory.bytes.set(line, places.line);
    return kernel.viewLine(line.length);
  };
  const message = (i: number, what: number): number => memory.words[places.messages / 4 + i * MESSAGE.words + what]!;
  const speaker = (i: number, what: number): number => memory.words[places.speakers / 4 + i * SPEAKER.words + what]!;
  const count = (what: number): number => memory.words[what]!;
  const isNobody = (i: number): boolean => speaker(i, SPEAKER.nameStart) === speaker(i, SPEAKER.nameEnd);
  const hasTime = (i: number): boolean => message(i, MESSAGE.timeStart) !== message(i, MESSAGE.timeEnd);
  const timeOf = (i: number): number => (hasTime(i) ? Number(memory.bytes.toString('latin1', message(i, MESSAGE.timeStart), message(i, MESSAGE.timeEnd))) : NaN);
  const giveStamps = (first: number, end: number): void => {
    let at = places.given;
    for (let i = first; i < end; i++) {
      if (isNobody(message(i, MESSAGE.speaker))) continue;
      for (const stamp of stamps) {
        const length = memory.bytes.write(stampText(stamp, timeOf(i), i > 0 ? timeOf(i - 1) : NaN), at + 4, 'latin1');
        memory.bytes.writeUInt32LE(length, at);
        at += 4 + length;
      }
    }
  };

  arrange(LEAST_LINE_BYTES);
  return {
    take(line, number) {
      let form = view(line);
      const parsed = form === FORM.simple ? null : parseConversation(line.toString(), number); // which also throws for a time that is no number
      if (form === FORM.other) form = view(Buffer.from(conversationLine(parsed!).trimEnd()));
      areStampsGiven = form === FORM.oddTimes || stamps.some((stamp) => stamp !== 'ms' && stamp !== 's');
    },
    messages: () => count(COUNT.messages),
    speakers: () => count(COUNT.speakers),
    speakerOf: (i) => message(i, MESSAGE.speaker),
    hasTime,
    timeOf,
    nameOf: (i) => memory.bytes.toString('utf8', speaker(i, SPEAKER.nameStart), speaker(i, SPEAKER.nameEnd)),
    isNobody,
    number(i, number) {
      memory.words[places.speakers / 4 + i * SPEAKER.words + SPEAKER.number] = number;
    },
    said(prefix) {
      const length = memory.bytes.write(prefix, places.said, 'latin1');
      return memory.bytes.subarray(places.said, places.said + kernel.sayAll(length));
    },
    hashes: (first, end, longChars) => new Float64Array(memory.bytes.buffer, places.hashes, kernel.hashLines(first, end, longChars)),
    clear: () => kernel.clear(),
    put(text, label) {
      const end = places.text + count(COUNT.textLength);
      makeRoom(end + 3 * text.length + places.textBytes);
      kernel.endStretch(memory.bytes.write(text, end), label);
    },
    render(first, end) {
      if (areStampsGiven) giveStamps(first, end);
      const [start, after] = areStampsGiven ? [parts.given, parts.literals] : [parts.simple, parts.given];
      kernel.renderMessages(first, end, start, after, LABELS.text);
    },
    text: () => ({
      bytes: memory.bytes,
      start: places.text,
      length: count(COUNT.textLength),
      stretches: memory.words.subarray(places.stretches / 4, places.stretches / 4 + 2 * count(COUNT.stretches)),
    }),
  };
}

const isStamp = (placeholder: string | null): placeholder is Stamp => placeholder !== null && placeholder !== 'name' && placeholder !== 'text';

const LABELS = { stamp: labelOf('stamp', 0), name: labelOf('name', 0), text: labelOf('text', 0) };

// --- the kernel's memory ------------------------------------------------------------------------------------

interface Memory {
  bytes: Buffer;
  words: Uint32Array;
}

const viewsOf = ({ memory: { buffer } }: Kernel): Memory => ({ bytes: Buffer.from(buffer), words: new Uint32Array(buffer) });

/** As in `kernel/memory.ts` and `kernel/view-line.ts`: places are counted in words of four bytes. */
const COUNT = { messages: 4, speakers: 5, textLength: 6, stretches: 7 };
const MESSAGE = { words: 5, speaker: 0, timeStart: 1, timeEnd: 2, textStart: 3, textEnd: 4 };
const SPEAKER = { words: 3, nameStart: 0, nameEnd: 1, number: 2 };
const NAME_BYTES = 8;
const FORM = { other: 0, simple: 1, oddTimes: 2 };

/** As in `kernel/render-messages.ts`. */
const PART_WORDS = 4;
const KIND = { literal: 0, name: 1, text: 2, ms: 3, s: 4, given: 5 };

/** The template twice, with its stamps as digits of the line's times and with stamps that are given, then what it says itself. */
function putParts({ bytes, words }: Memory, parts: TemplatePart[]): { simple: number; given: number; literals: number; end: number } {
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

interface Places {
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
  /** last, for only of it is not known how long it may become: what is put before and after the messages is not in `textBytes` */
  text: number;
  textBytes: number;
}

/** With room for all that a line of so many bytes can hold. */
function placesFor(lineBytes: number, from: number, parts: TemplatePart[]): Places {
  const messages = Math.ceil(lineBytes / LEAST_MESSAGE_BYTES) + 1;
  const stamps = parts.filter(({ placeholder }) => isStamp(placeholder)).length;
  const literals = parts.reduce((sum, { literal }) => sum + Buffer.byteLength(literal), 0);
  const copies = Math.max(1, ...(['name', 'text'] as const).map((one) => parts.filter(({ placeholder }) => placeholder === one).length));
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
const PAGE_BYTES = 1 << 16;
const LEAST_LINE_BYTES = 1 << 16;
/** What the kernel may read and write behind an end. */
const MARGIN_BYTES = 64;
/** `{"from":"","time":0,"text":""}` */
const LEAST_MESSAGE_BYTES = 30;
const MOST_PREFIX_BYTES = 64;
/** of `-1.2345678901234567e-300`, and of a date */
const MOST_STAMP_BYTES = 32;
/** a header and an ending */
const MOST_PUT_AROUND = 8;
