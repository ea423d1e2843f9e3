import type { WrittenTime } from './written-time.ts';

export type NumericOrder = 'day-month-year' | 'month-day-year' | 'year-month-day';

/**
 * The order of day, month and year in a column of dates. `sure`: a number above 12 decides. `guess`: the sequence of
 * the rows or the notation decides. `mixed`: the dates contradict each other.
 */
export interface ColumnOrder {
  order: NumericOrder;
  certainty: 'sure' | 'guess' | 'mixed';
}

export interface ColumnOrderVote {
  add(time: WrittenTime): void;
  result(): ColumnOrder;
}

export function columnOrderVote(): ColumnOrderVote {
  let dayFirst = 0;
  let monthFirst = 0;
  /** steps forwards and backwards from row to row, if read with the day or the month first */
  const steps = { day: [0, 0], month: [0, 0] };
  let last: { day: number; month: number } | null = null;
  let american = 0;
  let rows = 0;
  /** the first and last numbers of dates such as 23/01/30 */
  const short = { first: new Set<number>(), last: new Set<number>() };
  return {
    add({ date: { order, numbers, isShort }, separator, twelveHours }) {
      if (order === 'known') return;
      const [a, b, year] = numbers;
      if (isShort) {
        short.first.add(a);
        short.last.add(year);
      }
      if (a > 12 && b > 12) return;
      if (a > 12 && a <= 31) dayFirst++;
      if (b > 12 && b <= 31) monthFirst++;
      const now = { day: (year * 100 + b) * 100 + a, month: (year * 100 + a) * 100 + b };
      for (const first of ['day', 'month'] as const)
        if (last !== null && now[first] !== last[first]) steps[first][now[first] > last[first] ? 0 : 1]!++;
      last = now;
      rows++;
      if (separator === '/' && twelveHours) american++;
    },
    result() {
      // The year changes least.
      if (
        short.last.size > 1 &&
        short.first.size < short.last.size &&
        Math.max(...short.last) <= 31 &&
        monthFirst === 0
      )
        return { order: 'year-month-day', certainty: 'guess' };
      if (dayFirst > 0 && monthFirst > 0) return { order: 'day-month-year', certainty: 'mixed' };
      if (dayFirst + monthFirst > 0)
        return { order: dayFirst > 0 ? 'day-month-year' : 'month-day-year', certainty: 'sure' };
      // Rows are in order, oldest or newest first: the wrong reading jumps back and forth.
      const [day, month] = [Math.min(...steps.day), Math.min(...steps.month)];
      const isMonthFirst = day === month ? american * 2 > rows : month < day;
      return { order: isMonthFirst ? 'month-day-year' : 'day-month-year', certainty: 'guess' };
    },
  };
}
