import type { Conversation } from '../../src/artifacts/conversations.ts';

/** Statistics for the report page. Bounded: at most a million names, and one entry per month. */
export interface Statistics {
  /** `2019-05` → messages, in UTC; `` is for messages without a time */
  months: Map<string, number>;
  people: Map<string, number>;
  /** messages by length: bin i counts lengths from 2^(i-1) to 2^i - 1 characters, bin 0 empty messages */
  messageLengths: number[];
  /** conversations by number of messages, in the same bins */
  conversationLengths: number[];
}

export const newStatistics = (): Statistics => ({
  months: new Map(),
  people: new Map(),
  messageLengths: [],
  conversationLengths: [],
});

export function addToStatistics(
  { months, people, messageLengths, conversationLengths }: Statistics,
  { messages }: Conversation,
): void {
  addOne(conversationLengths, binOf(messages.length));
  for (const { from, time, text } of messages) {
    const month = monthOf(time);
    months.set(month, (months.get(month) ?? 0) + 1);
    addPerson(people, from, 1);
    addOne(messageLengths, binOf(text.length));
  }
}

/** Adds the statistics of a part to those of the whole. */
export function addStatistics(whole: Statistics, part: Statistics): void {
  for (const [month, messages] of part.months) whole.months.set(month, (whole.months.get(month) ?? 0) + messages);
  for (const [name, messages] of part.people) addPerson(whole.people, name, messages);
  for (const lengths of ['messageLengths', 'conversationLengths'] as const)
    part[lengths].forEach((count, bin) => addOne(whole[lengths], bin, count));
}

/** Includes the months without messages in between, so that gaps are visible. */
export function monthsInOrder(months: Statistics['months']): [month: string, messages: number][] {
  const known = [...months.keys()].filter((month) => month !== '').sort();
  const all: [string, number][] = [];
  const last = known.at(-1);
  for (
    let month = known[0];
    month !== undefined && last !== undefined && month <= last && all.length < MAX_MONTHS;
    month = nextMonth(month)
  )
    all.push([month, months.get(month) ?? 0]);
  return all;
}

export function peopleInOrder(people: Statistics['people']): [name: string, messages: number][] {
  return [...people].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

const MAX_PEOPLE = 1_000_000;
const MAX_MONTHS = 1200;

const binOf = (count: number): number => (count === 0 ? 0 : 32 - Math.clz32(count));

function addPerson(people: Statistics['people'], name: string, messages: number): void {
  const known = people.get(name);
  if (known !== undefined) people.set(name, known + messages);
  else if (name !== '' && people.size < MAX_PEOPLE) people.set(detachedCopy(name), messages);
}

function addOne(bins: number[], bin: number, count = 1): void {
  while (bins.length <= bin) bins.push(0);
  bins[bin]! += count;
}

let lastDay = NaN;
let lastMonth = '';

/** Remembers the last day: messages are in order, so most have the same day as the previous one. */
function monthOf(time: number | null): string {
  if (time === null || Math.abs(time) > 8.64e15) return '';
  const day = Math.floor(time / 86_400_000);
  if (day !== lastDay) {
    lastDay = day;
    const iso = new Date(time).toISOString();
    lastMonth = /^\d{4}-/.test(iso) ? iso.slice(0, 7) : '';
  }
  return lastMonth;
}

function nextMonth(month: string): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return number === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${String(year).padStart(4, '0')}-${String(number + 1).padStart(2, '0')}`;
}

/** A copy, because a slice of a large string would keep the whole string in memory. */
const detachedCopy = (name: string): string => Buffer.from(name, 'utf16le').toString('utf16le');
