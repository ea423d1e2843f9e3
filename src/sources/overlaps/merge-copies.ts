import type { Message } from '../../artifacts/conversations.ts';

/**
 * One chat from several copies, each of them in order. A message that an earlier copy has too is left out; the others
 * are inserted where their own copy has them. Someone may write "ok" twice in one minute, so equal messages within one
 * copy all count: two in each of two copies are two messages.
 */
export function mergeCopies(
  copies: Message[][],
  nameOf: (name: string) => string,
): { messages: Message[]; duplicates: number } {
  // Some apps export no seconds, or no milliseconds.
  const unitMs = Math.max(...copies.map(precisionMs));
  const keyOf = ({ from, time, text }: Message): string =>
    `${time === null ? '' : Math.floor(time / unitMs)}\0${nameOf(from)}\0${text}`;
  let messages: Message[] = [];
  for (const copy of copies) messages = inserted(messages, copy, matches(messages, copy, keyOf));
  return { messages, duplicates: copies.reduce((sum, copy) => sum + copy.length, 0) - messages.length };
}

// ---------------------------------------------------------------------------

/** The coarsest unit of which all times are multiples. */
function precisionMs(copy: Message[]): number {
  return [60_000, 1000].find((unit) => copy.every(({ time }) => time === null || time % unit === 0)) ?? 1;
}

/**
 * For each message of the copy, the index of the same message among those known; -1 if it is new. Of "ok" that one of
 * them has twice in a minute and the other once, the one counts that stands between the same messages in both.
 */
function matches(known: Message[], copy: Message[], keyOf: (message: Message) => string): number[] {
  const [ofKnown, keys] = [indexesByKey(known.map(keyOf)), copy.map(keyOf)];
  const ofCopy = indexesByKey(keys);
  const isCertain = (key: string): boolean => ofKnown.get(key)?.length === ofCopy.get(key)!.length;
  const matched = keys.map((key) => (isCertain(key) ? ofKnown.get(key)!.shift()! : -1));
  const rightOf = nextMatches(matched, known.length);
  let left = -1;
  for (const [i, key] of keys.entries()) {
    if (matched[i]! < 0) matched[i] = taken(ofKnown.get(key), (index) => index > left && index < rightOf[i]!);
    if (matched[i]! >= 0) left = matched[i]!;
  }
  return matched.map((index, i) => (index >= 0 ? index : taken(ofKnown.get(keys[i]!), () => true)));
}

function indexesByKey(keys: string[]): Map<string, number[]> {
  const indexes = new Map<string, number[]>();
  for (const [index, key] of keys.entries()) {
    const same = indexes.get(key);
    if (same) same.push(index);
    else indexes.set(key, [index]);
  }
  return indexes;
}

/** Removes and returns the first index that fits; -1 if there is none. */
function taken(indexes: number[] | undefined, fits: (index: number) => boolean): number {
  const at = indexes?.findIndex(fits) ?? -1;
  return at < 0 ? -1 : indexes!.splice(at, 1)[0]!;
}

/** Inserts the new messages of the copy: between the matching messages around them, and there by their times. */
function inserted(known: Message[], copy: Message[], matched: number[]): Message[] {
  const before: Message[][] = Array.from({ length: known.length + 1 }, () => []);
  const rightOf = nextMatches(matched, known.length);
  let slot = 0;
  for (const [i, message] of copy.entries()) {
    if (matched[i]! >= 0) slot = matched[i]! + 1;
    else {
      while (slot < rightOf[i]! && !isLater(known[slot]!, message)) slot++;
      before[slot]!.push(message);
    }
  }
  return before.flatMap((fresh, index) => (index < known.length ? [...fresh, known[index]!] : fresh));
}

/** For each position of the copy, the index of the next match at or after it; `end` if there is none. */
function nextMatches(matched: number[], end: number): number[] {
  let next = end;
  return matched
    .toReversed()
    .map((index) => (next = index >= 0 ? index : next))
    .reverse();
}

const isLater = (known: Message, message: Message): boolean =>
  known.time !== null && message.time !== null && known.time > message.time;
