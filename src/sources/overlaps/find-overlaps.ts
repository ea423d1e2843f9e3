import { CONVERSATION_FIELDS, MESSAGE_FIELDS } from './fingerprints.ts';
import { newGroups } from './groups.ts';
import type { PrintedUnit } from './printed-units.ts';

/** A conversation by its place in the source: the number of its unit, and its number in the unit. */
export interface Member {
  unit: number;
  conversation: number;
}

export interface Overlaps {
  /** conversations of different units that are copies of one chat, in order; two or more each */
  chats: Member[][];
  /** pairs of units with the same messages or texts, of which it cannot be decided whether they are copies */
  undecided: Undecided[];
}

export interface Undecided {
  units: [number, number];
  /** messages: same person, time and text, but the rest differs; texts: long texts with other times or persons, or none */
  what: 'messages' | 'texts';
  /** how many both have; an estimate for large sources */
  count: number;
}

/**
 * Finds the conversations of different exports that are copies of one chat, by their content alone: where both have
 * messages, at least half of these must be the same. That two chats share a few messages proves nothing, because people
 * send one greeting to many.
 */
export function findOverlaps(units: PrintedUnit[]): Overlaps {
  const chats = chatTable(units);
  const groups = newGroups();
  const undecided: Undecided[] = [];
  const decided = new Set<string>();
  const scale = 2 ** (units[0]?.prints.level ?? 0);
  for (const [one, other, shared] of sharedMessages(units, chats)) {
    const [a, b] = [chats.at(one), chats.at(other)];
    const verdict = verdictOf(a, b, { shared, scale });
    if (verdict === 'same') groups.join(one, other);
    if (verdict === 'undecided') undecided.push({ units: [a.unit, b.unit], what: 'messages', count: shared * scale });
    if (verdict !== 'different') decided.add(`${a.unit} ${b.unit}`);
  }
  undecided.push(...repeatedTexts(units).filter((repeated) => !decided.has(repeated.units.join(' '))));
  const memberOf = (number: number): Member => {
    const { unit, conversation } = chats.at(number);
    return { unit, conversation };
  };
  return { chats: groups.all().map((numbers) => numbers.map(memberOf)), undecided };
}

// ---------------------------------------------------------------------------

interface Chat extends Member {
  /** minutes since 1970 of its first and last message */
  first: number;
  last: number;
  peopleSum: number;
  people: number;
  /** of its sampled messages */
  minutes: number[];
}

/** All conversations, numbered in order. */
interface ChatTable {
  count: number;
  unitOf(chat: number): number;
  /** number of the first conversation of a unit */
  firstOf(unit: number): number;
  at(chat: number): Chat;
}

function chatTable(units: PrintedUnit[]): ChatTable {
  const counts = units.map(({ prints }) => prints.conversations.length / CONVERSATION_FIELDS);
  const firsts = Uint32Array.from(counts);
  firsts.forEach((_, unit) => (firsts[unit] = unit === 0 ? 0 : firsts[unit - 1]! + counts[unit - 1]!));
  const count = counts.reduce((sum, own) => sum + own, 0);
  const unitOf = new Uint32Array(count);
  for (const [unit, first] of firsts.entries()) unitOf.fill(unit, first, first + counts[unit]!);
  return {
    count,
    unitOf: (chat) => unitOf[chat]!,
    firstOf: (unit) => firsts[unit]!,
    at(chat) {
      const unit = unitOf[chat]!;
      const conversation = chat - firsts[unit]!;
      const { conversations, messages } = units[unit]!.prints;
      const field = (i: number): number => conversations[conversation * CONVERSATION_FIELDS + i]!;
      const minutes: number[] = [];
      for (let i = firstMessage(messages, conversation); messages[i + 2] === conversation; i += MESSAGE_FIELDS)
        minutes.push(messages[i]!);
      return { unit, conversation, first: field(0), last: field(1), peopleSum: field(2), people: field(3), minutes };
    },
  };
}

/** Index of the first message of a conversation: they are in the order of the conversations. */
function firstMessage(messages: Uint32Array, conversation: number): number {
  let [low, high] = [0, messages.length / MESSAGE_FIELDS];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (messages[middle * MESSAGE_FIELDS + 2]! < conversation) low = middle + 1;
    else high = middle;
  }
  return low * MESSAGE_FIELDS;
}

/** A message that occurs more often than this is compared only with so many of its copies. */
const MOST_COMPARED = 16;

/** Pairs of conversations from different exports, and how many of their sampled messages are the same. */
function sharedMessages(units: PrintedUnit[], chats: ChatTable): [one: number, other: number, shared: number][] {
  const total = units.reduce((sum, { prints }) => sum + prints.messages.length / MESSAGE_FIELDS, 0);
  const slots = 2 ** Math.ceil(Math.log2(2 * total + 2));
  const heads = new Int32Array(slots).fill(-1);
  const next = new Int32Array(total);
  const [minutes, hashes, owners] = [new Uint32Array(total), new Uint32Array(total), new Uint32Array(total)];
  const shared = new Map<number, number>();
  let entry = 0;
  for (const [unit, { prints }] of units.entries()) {
    const firstOwn = entry;
    for (let i = 0; i < prints.messages.length; i += MESSAGE_FIELDS, entry++) {
      minutes[entry] = prints.messages[i]!;
      hashes[entry] = prints.messages[i + 1]!;
      owners[entry] = chats.firstOf(unit) + prints.messages[i + 2]!;
      const slot = (hashes[entry]! ^ Math.imul(minutes[entry]!, 0x9e3779b1)) & (slots - 1);
      let compared = 0;
      for (let known = heads[slot]!; known >= 0 && compared < MOST_COMPARED; known = next[known]!) {
        if (known >= firstOwn || minutes[known] !== minutes[entry] || hashes[known] !== hashes[entry]) continue;
        compared++;
        if (shareExport(units[chats.unitOf(owners[known]!)]!, units[unit]!)) continue;
        const pair = owners[known]! * chats.count + owners[entry]!;
        shared.set(pair, (shared.get(pair) ?? 0) + 1);
      }
      next[entry] = heads[slot]!;
      heads[slot] = entry;
    }
  }
  return [...shared].map(([pair, times]) => [Math.floor(pair / chats.count), pair % chats.count, times]);
}

const shareExport = (a: PrintedUnit, b: PrintedUnit): boolean => a.exports.some((name) => b.exports.includes(name));

/** With fewer equal messages, the people must be the same too. */
const ENOUGH_MESSAGES = 3;

/** `scale`: there are about so many messages for each sampled one. */
function verdictOf(
  a: Chat,
  b: Chat,
  { shared, scale }: { shared: number; scale: number },
): 'same' | 'undecided' | 'different' {
  const [from, until] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
  const within = ({ minutes }: Chat): number => minutes.filter((minute) => minute >= from && minute <= until).length;
  const [inA, inB] = [within(a), within(b)];
  const samePeople = a.people >= 2 && a.people === b.people && a.peopleSum === b.peopleSum;
  const isEnough = shared * scale >= ENOUGH_MESSAGES;
  if (2 * shared >= Math.max(inA, inB)) return isEnough || samePeople ? 'same' : 'undecided';
  if (2 * shared < Math.min(inA, inB) || !isEnough) return 'different';
  return samePeople ? 'same' : 'undecided';
}

/** What two units must share: so many texts, and this share of the long texts of the smaller unit. */
const ENOUGH_TEXTS = 5;
const ENOUGH_SHARE = 0.2;

/** Pairs of units that share many long texts, whoever wrote them and whenever. */
function repeatedTexts(units: PrintedUnit[]): Undecided[] {
  const scale = 2 ** (units[0]?.prints.textLevel ?? 0);
  const unitOf = new Map<number, number>();
  const shared = new Map<number, number>();
  for (const [unit, own] of units.entries())
    for (const text of own.prints.texts) {
      const known = unitOf.get(text);
      unitOf.set(text, unit); // so that a text counts once, however often the unit has it
      if (known !== undefined && known !== unit && !shareExport(units[known]!, own))
        shared.set(known * units.length + unit, (shared.get(known * units.length + unit) ?? 0) + 1);
    }
  return [...shared].flatMap(([pair, texts]): Undecided[] => {
    const [a, b] = [Math.floor(pair / units.length), pair % units.length];
    const fewer = Math.min(units[a]!.prints.texts.length, units[b]!.prints.texts.length);
    const isMuch = texts * scale >= ENOUGH_TEXTS && texts >= ENOUGH_SHARE * fewer;
    return isMuch ? [{ units: [a, b], what: 'texts', count: texts * scale }] : [];
  });
}
