import { halfDay, type HalfDay } from './half-days.ts';
import type { LogHead } from './log-head.ts';

/** Tells the halves of the day on the clock of a log. */
export interface HalfClock {
  add(head: LogHead): void;
  /** The hour of the day, 0 to 23: a clock from 1 to 24 calls midnight 24. */
  hourOf(head: LogHead): number;
  /** how many times have twelve hours, as far as words tell */
  twelveHour(): number;
  /** words that tell times apart, in a language that nobody here knows, and neither does their order */
  unknown(): boolean;
}

/**
 * Words of an unknown language are told apart by their order: on the same day, the first is the morning. A single
 * unknown word beside a known one is the other half. No word counts in a log with hours above twelve, except am and pm.
 */
export function halfClock(): HalfClock {
  /** unknown words → how often another followed on the same day */
  const unknown = new Map<string, number>();
  const known = new Set<HalfDay>();
  const heads = { late: 0, latin: 0, known: 0, unknown: 0 };
  let last: { day: string; words: string } | null = null;
  const noteUnknown = (words: string, day: string): void => {
    if (!unknown.has(words) && unknown.size < MOST_WORDS) unknown.set(words, 0);
    if (last !== null && last.day === day && last.words !== words)
      unknown.set(last.words, (unknown.get(last.words) ?? 0) + 1);
    last = { day, words };
  };
  /** the unknown words that must be am and pm; null where nothing tells */
  const told = (): { am: string | null; pm: string | null } | null => {
    const [[a, aFirst] = [null, 0], [b, bFirst] = [null, 0]] = [...unknown];
    if (heads.late > 0 || unknown.size > 2 || a === null) return null;
    if (b === null)
      return known.size !== 1 || known.has('night')
        ? null
        : known.has('am')
          ? { am: null, pm: a }
          : { am: a, pm: null };
    if (known.size > 0 || aFirst === bFirst) return null;
    return aFirst > bFirst ? { am: a, pm: b } : { am: b, pm: a };
  };
  let halves: ReturnType<typeof told> | undefined;
  const half = (words: string): HalfDay | null => {
    if (heads.late > 0) return latin(words);
    halves ??= told();
    return halfDay(words) ?? (halves?.am === words ? 'am' : halves?.pm === words ? 'pm' : null);
  };
  return {
    add({ date, hour, words }) {
      if (hour > 12 && hour < 24) heads.late++;
      if (words === '') return;
      const found = halfDay(words);
      if (latin(words) !== null) heads.latin++;
      if (found === null) {
        heads.unknown++;
        noteUnknown(words, date.join());
      } else {
        heads.known++;
        known.add(found);
      }
    },
    hourOf({ hour, words }) {
      if (hour === 24) return 0;
      const found = words === '' || hour > 12 ? null : half(words);
      if (found === null) return hour;
      const isMorning = found === 'am' || (found === 'night' && (hour === 12 || hour < 6));
      return (hour % 12) + (isMorning ? 0 : 12);
    },
    twelveHour: () => (heads.late > 0 ? heads.latin : heads.known + (told() === null ? 0 : heads.unknown)),
    unknown: () => heads.late === 0 && unknown.size > 1 && told() === null,
  };
}

const MOST_WORDS = 50;

function latin(words: string): 'am' | 'pm' | null {
  if (words === 'am' || words === 'pm') return words;
  const letter = /(?:^|\s)([ap])\.?\s?m\.?$/i.exec(words)?.[1]?.toLowerCase();
  return letter === undefined ? null : letter === 'a' ? 'am' : 'pm';
}
