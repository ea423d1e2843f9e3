/** The time of a chat, which stamps show. It never goes backwards. */
export interface Clock {
  /** time of the latest line, in milliseconds since 1970 */
  now(): number;
  /** time of the next line if nobody waits */
  next(): number;
  set(time: number): void;
}

const MINUTE_MS = 60_000;

/** Begins a minute after the latest stamp of a conversation, and goes on in its usual steps. */
export function clockAfter(conversation: string | null, start: number | null): Clock {
  const times = conversation === null ? [] : stampsIn(conversation);
  const gaps = times.slice(1).flatMap((time, i) => (time >= times[i]! ? [time - times[i]!] : []));
  const gap = gaps.length > 0 ? gaps.sort((a, b) => a - b)[gaps.length >> 1]! : MINUTE_MS;
  let now = start ?? (times.length > 0 ? times.at(-1)! + MINUTE_MS : DEFAULT_START);
  return {
    now: () => now,
    next: () => now + gap,
    set: (time) => void (now = time),
  };
}

// ---------------------------------------------------------------------------

/** Where no stamp tells: a chat with the same seed is the same on any day. */
const DEFAULT_START = Date.UTC(2020, 0, 1, 12);

/** The first time in each line: `2019-05-04 17:30`, or a number of seconds or milliseconds. */
function stampsIn(conversation: string): number[] {
  return conversation.split('\n').flatMap((line) => {
    const [, iso] = /(\d{4}-\d\d-\d\d \d\d:\d\d)/.exec(line) ?? [];
    if (iso !== undefined) return [Date.parse(`${iso.replace(' ', 'T')}Z`)];
    const [, digits] = /(?<!\d)(\d{9,14})(?!\d)/.exec(line) ?? [];
    if (digits === undefined) return [];
    return [digits.length < 12 ? Number(digits) * 1000 : Number(digits)];
  });
}
