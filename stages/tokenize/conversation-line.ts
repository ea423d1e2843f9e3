import { conversationLine, parseConversation } from '../../src/artifacts/conversations.ts';
import { stampText, type LineTemplate } from '../../src/artifacts/tokens/line-template.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import kernelBytes from './kernel/index.wasm';
import {
  LABELS,
  MIN_LINE_BYTES,
  MARGIN_BYTES,
  PAGE_BYTES,
  isStamp,
  layoutOf,
  regionsFor,
  writeParts,
  memoryViews,
} from './line-memory.ts';

/** The current conversation, in the memory of `kernel/`, which parses its line and renders its messages. */
export interface ConversationLine {
  /**
   * Loads another conversation from its line: well-formed UTF-8 without the LF. Throws an Error with the line's number
   * if the line is not a conversation.
   */
  take(line: Buffer, number: number): void;
  messages(): number;
  speakers(): number;
  /** Index of a message's speaker. */
  speakerOf(message: number): number;
  hasTime(message: number): boolean;
  /** Time of a message, in milliseconds since 1970; NaN if it has none. */
  timeOf(message: number): number;
  /** Name of a speaker. */
  nameOf(speaker: number): string;
  isNobody(speaker: number): boolean;
  /**
   * Sets a speaker's number in the labels. Call it for each speaker before rendering. 0 means nobody, whose messages
   * are rendered as their text alone.
   */
  number(speaker: number, number: number): void;
  /**
   * Input of the hash that decides the split: `prefix` (ASCII), then name, tab, text and LF of each message. Like all
   * bytes returned here, valid until the next call.
   */
  hashInput(prefix: string): Uint8Array;
  /** 53-bit hashes of the texts that have at least `longChars` characters. `longChars` must be at least 8. */
  hashes(first: number, end: number, longChars: number): Float64Array;

  /** Starts a new text. */
  clear(): void;
  /** Appends to the text. */
  put(text: string, label: number): void;
  /** Appends the messages from `first` to before `end`, each rendered by the template as a line that ends with LF. */
  render(first: number, end: number): void;
  /**
   * The text: `length` bytes of `bytes` from `start` on, and its stretches with one label each, as `labelTokens`
   * expects.
   */
  text(): { bytes: Uint8Array; start: number; length: number; stretches: Uint32Array };
}

interface Kernel {
  memory: WebAssembly.Memory;
  arrange(
    line: number,
    messages: number,
    speakers: number,
    names: number,
    nameSlots: number,
    hashInput: number,
    given: number,
    stretches: number,
    hashes: number,
    text: number,
  ): void;
  viewLine(length: number): number;
  clear(): void;
  endStretch(length: number, label: number): void;
  renderMessages(first: number, end: number, parts: number, partsEnd: number, textLabel: number): void;
  writeHashInput(length: number): number;
  hashLines(first: number, end: number, longChars: number): number;
}

export function openConversationLine(template: LineTemplate): ConversationLine {
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes)).exports as Kernel;
  const layout = layoutOf(kernel);
  const { count: COUNT, form: FORM } = layout;
  const { words: MESSAGE_WORDS, speaker: SPEAKER, timeStart: TIME_START, timeEnd: TIME_END } = layout.message;
  const { words: SPEAKER_WORDS, nameStart: NAME_START, nameEnd: NAME_END, number: NUMBER } = layout.speaker;
  let memory = memoryViews(kernel.memory.buffer);
  const parts = writeParts(memory, layout, template.parts);
  const stamps = template.parts.flatMap(({ placeholder }) => (isStamp(placeholder) ? [placeholder] : []));
  let regions = regionsFor(MIN_LINE_BYTES, layout, parts.end, template.parts);
  /** Whether stamps must be computed here because they are not just digits of the times in the line. */
  let areStampsGiven = false;

  const makeRoom = (end: number): void => {
    const missing = end + MARGIN_BYTES - memory.bytes.length;
    if (missing <= 0) return;
    try {
      kernel.memory.grow(Math.ceil(missing / PAGE_BYTES));
    } catch {
      throw new StageInputError(
        `a conversation of ${Math.round(regions.lineBytes / 1e6)} MB is too long to encode`,
        'set `splitAfterHours` on the ingest stage to split it',
      );
    }
    memory = memoryViews(kernel.memory.buffer);
  };
  const arrange = (lineBytes: number): void => {
    regions = regionsFor(lineBytes, layout, parts.end, template.parts);
    makeRoom(regions.text + regions.textBytes);
    kernel.arrange(
      regions.line,
      regions.messages,
      regions.speakers,
      regions.names,
      regions.nameSlots,
      regions.hashInput,
      regions.given,
      regions.stretches,
      regions.hashes,
      regions.text,
    );
  };
  const view = (line: Buffer): number => {
    if (line.length > regions.lineBytes) arrange(Math.ceil(1.25 * line.length));
    memory.bytes.set(line, regions.line);
    return kernel.viewLine(line.length);
  };
  const message = (i: number, field: number): number => memory.words[regions.messages / 4 + i * MESSAGE_WORDS + field]!;
  const speaker = (i: number, field: number): number => memory.words[regions.speakers / 4 + i * SPEAKER_WORDS + field]!;
  const count = (field: number): number => memory.words[field]!;
  const isNobody = (i: number): boolean => speaker(i, NAME_START) === speaker(i, NAME_END);
  const hasTime = (i: number): boolean => message(i, TIME_START) !== message(i, TIME_END);
  const timeOf = (i: number): number =>
    hasTime(i) ? Number(memory.bytes.toString('latin1', message(i, TIME_START), message(i, TIME_END))) : NaN;
  const giveStamps = (first: number, end: number): void => {
    let offset = regions.given;
    for (let i = first; i < end; i++) {
      if (isNobody(message(i, SPEAKER))) continue;
      for (const stamp of stamps) {
        const length = memory.bytes.write(
          stampText(stamp, timeOf(i), i > 0 ? timeOf(i - 1) : NaN),
          offset + 4,
          'latin1',
        );
        memory.bytes.writeUInt32LE(length, offset);
        offset += 4 + length;
      }
    }
  };

  arrange(MIN_LINE_BYTES);
  return {
    take(line, number) {
      let form = view(line);
      // Parsing also throws for a time that is not a number.
      const parsed = form === FORM.simple ? null : parseConversation(line.toString(), number);
      if (form === FORM.other) form = view(Buffer.from(conversationLine(parsed!).trimEnd()));
      areStampsGiven = form === FORM.oddTimes || stamps.some((stamp) => stamp !== 'ms' && stamp !== 's');
    },
    messages: () => count(COUNT.messages),
    speakers: () => count(COUNT.speakers),
    speakerOf: (i) => message(i, SPEAKER),
    hasTime,
    timeOf,
    nameOf: (i) => memory.bytes.toString('utf8', speaker(i, NAME_START), speaker(i, NAME_END)),
    isNobody,
    number(i, number) {
      memory.words[regions.speakers / 4 + i * SPEAKER_WORDS + NUMBER] = number;
    },
    hashInput(prefix) {
      const length = memory.bytes.write(prefix, regions.hashInput, 'latin1');
      return memory.bytes.subarray(regions.hashInput, regions.hashInput + kernel.writeHashInput(length));
    },
    hashes: (first, end, longChars) =>
      new Float64Array(memory.bytes.buffer, regions.hashes, kernel.hashLines(first, end, longChars)),
    clear: () => kernel.clear(),
    put(text, label) {
      const end = regions.text + count(COUNT.textLength);
      makeRoom(end + 3 * text.length + regions.textBytes);
      kernel.endStretch(memory.bytes.write(text, end), label);
    },
    render(first, end) {
      if (areStampsGiven) giveStamps(first, end);
      const [start, after] = areStampsGiven ? [parts.given, parts.literals] : [parts.simple, parts.given];
      kernel.renderMessages(first, end, start, after, LABELS.text);
    },
    text: () => ({
      bytes: memory.bytes,
      start: regions.text,
      length: count(COUNT.textLength),
      stretches: memory.words.subarray(regions.stretches / 4, regions.stretches / 4 + 2 * count(COUNT.stretches)),
    }),
  };
}
