import type { LogHead } from './log-head.ts';

export type DateOrder = 'year-month-day' | 'day-month-year' | 'month-day-year';

/** The order of day, month and year in a log, inferred from all of its dates. */
export interface DateOrderFound {
  order: DateOrder;
  /**
   * `sure`: the numbers decide; `by time`: only their chronological order does; `guess`: nothing does; `mixed`: the
   * dates contradict each other; `given`: by the user
   */
  certainty: 'sure' | 'by time' | 'guess' | 'mixed' | 'given';
}

export interface DateOrderVote {
  add(head: LogHead): void;
  /** Counts what the other vote counted. */
  absorb(other: DateOrderVote): void;
  result(): DateOrderFound;
  seen: Seen;
}

/** What the dates of a vote show. */
interface Seen {
  evidence: Record<DateOrder, Evidence>;
  yearIs: { first: boolean; last: boolean };
  hints: { twelveWithSlash: boolean; eastern: boolean };
}

/** What speaks against an order. */
interface Evidence {
  /** dates that do not exist in this order */
  wrong: number;
  /** dates before the one above them */
  backwards: number;
  /** days between the dates, all added up */
  days: number;
  last: number | null;
}

/** Collects the dates of one notation, which share the place of the year. `given` is the user's choice. */
export function dateOrderVote(given?: DateOrder): DateOrderVote {
  const evidence = { 'day-month-year': none(), 'month-day-year': none(), 'year-month-day': none() };
  const yearIs = { first: false, last: false };
  const hints = { twelveWithSlash: false, eastern: false };
  let lastWords = '';
  return {
    seen: { evidence, yearIs, hints },
    add({ date: [a, b, c], yearAt, separator, words }) {
      if (!isDay(b, a) && !isDay(a, b) && !isDay(b, c)) return; // it exists in no order, so it speaks against none
      if (yearAt === 0) yearIs.first = true;
      else {
        if (yearAt === 2) yearIs.last = true;
        else weigh(evidence['year-month-day'], a, b, c);
        weigh(evidence['day-month-year'], c, b, a);
        weigh(evidence['month-day-year'], c, a, b);
        hints.twelveWithSlash ||= separator === '/' && words !== '';
        if (words !== lastWords) hints.eastern ||= /[\p{Script=Hangul}\p{Script=Han}]/u.test(words);
        lastWords = words;
      }
    },
    absorb({ seen }) {
      for (const order of ORDERS)
        for (const what of ['wrong', 'backwards', 'days'] as const) evidence[order][what] += seen.evidence[order][what];
      for (const place of ['first', 'last'] as const) yearIs[place] ||= seen.yearIs[place];
      for (const hint of ['twelveWithSlash', 'eastern'] as const) hints[hint] ||= seen.hints[hint];
    },
    result() {
      if (yearIs.first) return { order: 'year-month-day', certainty: 'sure' };
      if (given !== undefined && !(given === 'year-month-day' && yearIs.last))
        return { order: given, certainty: 'given' };
      const found = dayOrMonthFirst(evidence['day-month-year'], evidence['month-day-year'], hints.twelveWithSlash);
      if (yearIs.last) return found;
      return yearFirst(evidence['year-month-day'], evidence[found.order], hints.eastern) ?? found;
    },
  };
}

const ORDERS: DateOrder[] = ['year-month-day', 'day-month-year', 'month-day-year'];

function none(): Evidence {
  return { wrong: 0, backwards: 0, days: 0, last: null };
}

const isDay = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 31;

function weigh(evidence: Evidence, year: number, month: number, day: number): void {
  if (!isDay(month, day)) {
    evidence.wrong++;
    return;
  }
  const now = (year * 12 + month) * 31 + day;
  if (evidence.last !== null) {
    if (now < evidence.last) evidence.backwards++;
    evidence.days += Math.abs(now - evidence.last);
  }
  evidence.last = now;
}

function dayOrMonthFirst(day: Evidence, month: Evidence, twelveWithSlash: boolean): DateOrderFound {
  const choose = (isDay: boolean, certainty: DateOrderFound['certainty']): DateOrderFound => ({
    order: isDay ? 'day-month-year' : 'month-day-year',
    certainty: day.wrong > 0 && month.wrong > 0 ? 'mixed' : certainty,
  });
  if (day.wrong !== month.wrong) return choose(day.wrong < month.wrong, 'sure');
  if (day.backwards !== month.backwards) return choose(day.backwards < month.backwards, 'by time');
  // Days follow one another more closely than months do.
  if (Math.max(day.days, month.days) >= 3 * Math.max(1, Math.min(day.days, month.days)))
    return choose(day.days < month.days, 'guess');
  // 1/2/19, 3:00 PM is mostly American notation.
  return choose(!twelveWithSlash, 'guess');
}

/** `19. 3. 25.`: a year of two digits, in front. Null if the other order fits as well. */
function yearFirst(year: Evidence, other: Evidence, eastern: boolean): DateOrderFound | null {
  const order = 'year-month-day';
  if (year.wrong !== other.wrong)
    return year.wrong < other.wrong ? { order, certainty: year.wrong > 0 ? 'mixed' : 'sure' } : null;
  if (year.backwards !== other.backwards)
    return year.backwards < other.backwards ? { order, certainty: 'by time' } : null;
  if (other.days > 5 * Math.max(1, year.days)) return { order, certainty: 'by time' };
  return eastern && year.days <= other.days ? { order, certainty: 'guess' } : null;
}
