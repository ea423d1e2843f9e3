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
const MOST_MESSAGES = 1 << 13;
const MOST_TEXTS = 1 << 11;

/** `nameOf` replaces the names of people who have several. `levels`: sample at least as sparsely as this. */
export function fingerprinting(
  nameOf: (name: string) => string,
  levels: Pick<Fingerprints, 'level' | 'textLevel'> = { level: 0, textLevel: 0 },
): Fingerprinting {
  const conversations = growing();
  let messages = growing();
  let texts: number[] = [];
  let { level, textLevel } = levels;
  const names = nameHashes(nameOf);
  const addText = (hash: number): void => {
    texts.push(hash);
    while (texts.length > MOST_TEXTS) {
      textLevel++;
      texts = texts.filter((known) => isSampled(known, textLevel));
    }
  };
  return {
    add({ messages: given }) {
      const number = conversations.length() / CONVERSATION_FIELDS;
      const people = names.ofConversation();
      let [first, last] = [Infinity, 0];
      for (let i = 0; i < given.length; i++) {
        const { from, time, text } = given[i]!;
        const person = people.hashOf(from);
        let isTimed = false;
        let minute = 0;
        if (time !== null && time >= MINUTE_MS) {
          minute = Math.floor(time / MINUTE_MS);
          if (minute < first) first = minute;
          if (minute > last) last = minute;
          isTimed = level === 0 || isSampled(mixed(minute), level);
        }
        const rough = text.length >= LONG_CHARS ? roughHash(text) : 0;
        const isLong = text.length >= LONG_CHARS && isSampled(rough, textLevel);
        if (!isTimed && !isLong) continue;
        const hash = textHash(text);
        if (isLong) addText(hash * ROUGH + rough);
        if (isTimed) messages.push(minute, mixed((hash ^ person) >>> 0), number);
      }
      conversations.push(first === Infinity ? 0 : first, last, people.sum(), people.count());
      while (messages.length() > MOST_MESSAGES * MESSAGE_FIELDS)
        messages = growing(thinned(messages.values(), ++level));
    },
    result: () => ({
      conversations: conversations.values().slice(),
      messages: messages.values().slice(),
      level,
      texts: new Float64Array(texts),
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
    messages: level > prints.level ? thinned(prints.messages, level) : prints.messages,
    level: Math.max(level, prints.level),
    texts: textLevel > prints.textLevel ? prints.texts.filter((hash) => isSampled(hash, textLevel)) : prints.texts,
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

const base64 = ({ buffer, byteOffset, byteLength }: Uint32Array | Float64Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

function bufferOf(text: string): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

function thinned(messages: Uint32Array, level: number): Uint32Array {
  const kept = new Uint32Array(messages.length);
  let length = 0;
  for (let i = 0; i < messages.length; i += MESSAGE_FIELDS) {
    if (!isSampled(mixed(messages[i]!), level)) continue;
    kept[length] = messages[i]!;
    kept[length + 1] = messages[i + 1]!;
    kept[length + 2] = messages[i + 2]!;
    length += MESSAGE_FIELDS;
  }
  return kept.slice(0, length);
}

/** A list of 32-bit numbers: an array of numbers this large takes several times as long. */
function growing(values: Uint32Array = new Uint32Array(0)) {
  let all = values;
  let length = values.length;
  return {
    length: () => length,
    values: () => all.subarray(0, length),
    push(a: number, b: number, c: number, d?: number) {
      if (length + 4 > all.length) {
        const larger = new Uint32Array(Math.max(256, 2 * all.length));
        larger.set(all);
        all = larger;
      }
      all[length++] = a;
      all[length++] = b;
      all[length++] = c;
      if (d !== undefined) all[length++] = d;
    },
  };
}

const isSampled = (hash: number, level: number): boolean => ((hash >>> 0) & ((1 << level) - 1)) === 0;

function mixed(number: number): number {
  let hash = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 21 bits of a text, enough to decide whether it is in the sample: most texts are hashed no further. */
function roughHash(text: string): number {
  const { length } = text;
  const ends = text.charCodeAt(3) | (text.charCodeAt(length - 4) << 16);
  return mixed(ends ^ Math.imul(length ^ (text.charCodeAt(length >> 1) << 8), 0x9e3779b1)) % ROUGH;
}

const ROUGH = 2 ** 21;

/** 32 bits, of the length, the beginning and the end of a text. Not cryptographic. */
function textHash(text: string): number {
  const { length } = text;
  let hash = 0xdeadbeef ^ length;
  const middle = Math.min(length, HASHED_CHARS);
  for (let i = 0; i < middle; i += 2) {
    const two = text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16); // past the end it is NaN, which `|` treats as 0
    hash = Math.imul(hash ^ two ^ (hash >>> 15), 0x9e3779b1);
  }
  for (let i = Math.max(middle, length - HASHED_CHARS); i < length; i++)
    hash = Math.imul(hash ^ text.charCodeAt(i) ^ (hash >>> 15), 0x9e3779b1);
  return mixed(hash);
}

const HASHED_CHARS = 64;

/** The hashes of people's names, and their sum for the people of a conversation. */
function nameHashes(nameOf: (name: string) => string) {
  const known = new Map<string, number>();
  const hashOf = (name: string): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const hash = textHash(nameOf(name));
    if (known.size < MOST_NAMES) known.set(name, hash);
    return hash;
  };
  return {
    ofConversation() {
      const hashes: number[] = [];
      // Most messages are from one of the last two people.
      let [lastName, lastHash, otherName, otherHash]: [string | null, number, string | null, number] = [
        null,
        0,
        null,
        0,
      ];
      return {
        hashOf(name: string): number {
          if (name === lastName) return lastHash;
          const hash = name === otherName ? otherHash : hashOf(name);
          [otherName, otherHash, lastName, lastHash] = [lastName, lastHash, name, hash];
          if (!hashes.includes(hash)) hashes.push(hash);
          return hash;
        },
        sum: () => hashes.reduce((total, hash) => (total + hash) >>> 0, 0),
        count: () => hashes.length,
      };
    },
  };
}

const MOST_NAMES = 100_000;
