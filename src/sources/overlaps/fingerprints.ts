import type { Conversation } from '../../artifacts/conversations.ts';

/**
 * What is remembered of the conversations of one unit of a source, to find out whether another unit has the same
 * messages. Of a large unit, only a sample: the messages of every second minute, every fourth and so on.
 */
export interface Fingerprints {
  /**
   * of each conversation, FIELDS numbers: first and last minute (0 if no message has a time), sum of the hashes of its
   * people, their number
   */
  conversations: Uint32Array;
  /**
   * of each sampled message with a time, FIELDS_OF_MESSAGE numbers in order: minute, hash of person and text,
   * conversation
   */
  messages: Uint32Array;
  /** messages are sampled of one minute in 2^level */
  level: number;
  /** sampled hashes of long texts, without persons and times */
  texts: Float64Array;
  /** texts are sampled with one hash in 2^textLevel */
  textLevel: number;
}

export interface Fingerprinting {
  add(conversation: Conversation): void;
  result(): Fingerprints;
}

export const CONVERSATION_FIELDS = 4;
export const MESSAGE_FIELDS = 3;

/** Shorter texts, such as "ok" or "good night", are repeated by everybody. */
const LONG_CHARS = 25;
const MINUTE_MS = 60_000;
const MOST_MESSAGES = 1 << 17;
const MOST_TEXTS = 1 << 14;

/** `nameOf` replaces the names of people who have several. `levels`: sample at least as sparsely as this. */
export function fingerprinting(
  nameOf: (name: string) => string,
  levels: Pick<Fingerprints, 'level' | 'textLevel'> = { level: 0, textLevel: 0 },
): Fingerprinting {
  const conversations: number[] = [];
  let messages: number[] = [];
  let texts = new Set<number>();
  let { level, textLevel } = levels;
  const names = new Map<string, number>();
  const nameHash = (name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const hash = textHash(nameOf(name)) >>> 0;
    if (names.size < MOST_NAMES) names.set(name, hash);
    return hash;
  };
  const addText = (hash: number): void => {
    if (!isTextSampled(hash, textLevel)) return;
    texts.add(hash);
    while (texts.size > MOST_TEXTS) {
      textLevel++;
      texts = new Set([...texts].filter((known) => isTextSampled(known, textLevel)));
    }
  };
  return {
    add({ messages: given }) {
      const number = conversations.length / CONVERSATION_FIELDS;
      const people = new Set<number>();
      let [first, last] = [Infinity, 0];
      for (const { from, time, text } of given) {
        const person = nameHash(from);
        people.add(person);
        const minute = time === null ? 0 : Math.floor(time / MINUTE_MS);
        const isTimed = minute > 0 && isMinuteSampled(minute, level);
        if (minute > 0) [first, last] = [Math.min(first, minute), Math.max(last, minute)];
        if (!isTimed && text.length < LONG_CHARS) continue;
        const hash = textHash(text);
        if (text.length >= LONG_CHARS) addText(hash);
        if (isTimed) messages.push(minute, mixed((hash ^ person) >>> 0), number);
      }
      const sum = [...people].reduce((total, hash) => (total + hash) >>> 0, 0);
      conversations.push(first === Infinity ? 0 : first, last, sum, people.size);
      while (messages.length > MOST_MESSAGES * MESSAGE_FIELDS) messages = thinned(messages, ++level);
    },
    result: () => ({
      conversations: Uint32Array.from(conversations),
      messages: Uint32Array.from(messages),
      level,
      texts: Float64Array.from(texts),
      textLevel,
    }),
  };
}

/** The same fingerprints, sampled at least as sparsely as given. */
export function atLevels(
  prints: Fingerprints,
  { level, textLevel }: Pick<Fingerprints, 'level' | 'textLevel'>,
): Fingerprints {
  return {
    conversations: prints.conversations,
    messages: level > prints.level ? Uint32Array.from(thinned(prints.messages, level)) : prints.messages,
    level: Math.max(level, prints.level),
    texts: textLevel > prints.textLevel ? prints.texts.filter((hash) => isTextSampled(hash, textLevel)) : prints.texts,
    textLevel: Math.max(textLevel, prints.textLevel),
  };
}

/** Fingerprints as JSON stores them. */
export type StoredFingerprints = [
  conversations: string,
  messages: string,
  level: number,
  texts: string,
  textLevel: number,
];

export const toStored = ({ conversations, messages, level, texts, textLevel }: Fingerprints): StoredFingerprints => [
  base64(conversations),
  base64(messages),
  level,
  base64(texts),
  textLevel,
];

export const fromStored = ([conversations, messages, level, texts, textLevel]: StoredFingerprints): Fingerprints => ({
  conversations: new Uint32Array(bufferOf(conversations)),
  messages: new Uint32Array(bufferOf(messages)),
  level,
  texts: new Float64Array(bufferOf(texts)),
  textLevel,
});

// ---------------------------------------------------------------------------

const MOST_NAMES = 100_000;

const base64 = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function bufferOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

function thinned(messages: ArrayLike<number>, level: number): number[] {
  const kept: number[] = [];
  for (let i = 0; i < messages.length; i += MESSAGE_FIELDS)
    if (isMinuteSampled(messages[i]!, level)) kept.push(messages[i]!, messages[i + 1]!, messages[i + 2]!);
  return kept;
}

const isMinuteSampled = (minute: number, level: number): boolean => (mixed(minute) & ((1 << level) - 1)) === 0;
const isTextSampled = (hash: number, level: number): boolean => ((hash >>> 0) & ((1 << level) - 1)) === 0;

function mixed(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 53 bits. Not cryptographic. */
function textHash(text: string): number {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code ^ (b >>> 15), 0x5f356495);
  }
  return (mixed(b ^ text.length) >>> 11) * 0x100000000 + mixed(a ^ (b >>> 7));
}
