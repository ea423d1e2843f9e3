import type { Conversation } from '../../src/artifacts/conversations.ts';

/** What a person wants to see of their chats. Bounded: at most a million names, and one entry a month. */
export interface Statistics {
  /** `2019-05` → messages, in UTC; `` holds those without a time */
  months: Map<string, number>;
  people: Map<string, number>;
  /** messages by length: bin i counts those of 2^(i-1) to 2^i - 1 characters, bin 0 the empty ones */
  messageLengths: number[];
  /** conversations by how many messages, the same bins */
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

/** The statistics of a part join those of the whole. */
export function joinStatistics(whole: Statistics, part: Statistics): void {
  for (const [month, messages] of part.months) whole.months.set(month, (whole.months.get(month) ?? 0) + messages);
  for (const [name, messages] of part.people) addPerson(whole.people, name, messages);
  for (const lengths of ['messageLengths', 'conversationLengths'] as const)
    part[lengths].forEach((count, bin) => addOne(whole[lengths], bin, count));
}

/** Months without a message are in between too, so that a silence shows. */
export function monthsInOrder(months: Statistics['months']): [month: string, messages: number][] {
  const known = [...months.keys()].filter((month) => month !== '').sort();
  const all: [string, number][] = [];
  const last = known.at(-1);
  for (
    let month = known[0];
    month !== undefined && last !== undefined && month <= last && all.length < MOST_MONTHS;
    month = nextMonth(month)
  )
    all.push([month, months.get(month) ?? 0]);
  return all;
}

export function peopleInOrder(people: Statistics['people']): [name: string, messages: number][] {
  return [...people].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}

const MOST_PEOPLE = 1_000_000;
const MOST_MONTHS = 1200;

const binOf = (count: number): number => (count === 0 ? 0 : 32 - Math.clz32(count));

function addPerson(people: Statistics['people'], name: string, messages: number): void {
  const known = people.get(name);
  if (known !== undefined) people.set(name, known + messages);
  else if (name !== '' && people.size < MOST_PEOPLE) people.set(ownCopy(name), messages);
}

function addOne(bins: number[], bin: number, count = 1): void {
  while (bins.length <= bin) bins.push(0);
  bins[bin]! += count;
}

let lastDay = NaN;
let lastMonth = '';

/** Messages come in order: most are of the day of the one before. */
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

/** A name cut out of a larger text would hold on to the memory of all of it. */
const ownCopy = (name: string): string => Buffer.from(name, 'utf16le').toString('utf16le');
