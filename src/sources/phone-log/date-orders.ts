import { dateOrderVote, type DateOrder, type DateOrderFound, type DateOrderVote } from './date-order.ts';
import type { LogHead } from './log-head.ts';

/** The order of dates in each form of prefix that a log has. */
export interface DateOrders {
  add(head: LogHead): void;
  /** Decides by the forms that begin messages; the others were pasted or typed. */
  decide(accepted: Set<string>): Decided;
}

export interface Decided {
  orderOf(head: LogHead): DateOrder;
  /** the orders in the log, the commonest first */
  orders: DateOrderFound[];
}

interface Counted {
  form: string;
  notation: string;
  vote: DateOrderVote;
  heads: number;
}

/** `given` is the user's choice. */
export function dateOrders(given?: DateOrder): DateOrders {
  const counts = new Map<string, Counted>();
  let last: { head: LogHead; counted: Counted } | null = null;
  return {
    add(head) {
      if (last === null || !isSameKind(last.head, head)) {
        const key = keyOf(head);
        const counted = counts.get(key) ?? {
          form: head.form,
          notation: `${head.separator}${head.yearAt}`,
          vote: dateOrderVote(given),
          heads: 0,
        };
        counts.set(key, counted);
        last = { head, counted };
      }
      last.counted.vote.add(head);
      last.counted.heads++;
    },
    decide(accepted) {
      const kinds = [...counts].filter(([, { form }]) => accepted.has(form)).sort(([, a], [, b]) => b.heads - a.heads);
      const found = new Map<string, DateOrderFound>();
      for (const [key, { notation }] of kinds) {
        const alike = kinds.filter(([, other]) => other.notation === notation);
        found.set(key, orderIn(key, alike, given));
      }
      const commonest = [...found.values()][0]?.order ?? 'day-month-year';
      const isOne = new Set([...found.values()].map(({ order }) => order)).size <= 1;
      return {
        orderOf: isOne ? () => commonest : (head) => found.get(keyOf(head))?.order ?? commonest,
        orders: [...found.values()],
      };
    },
  };
}

/**
 * Dates that share a separator and the place of the year share their order, unless those of one form surely have
 * another: then the log holds several exports.
 */
function orderIn(key: string, alike: [string, Counted][], given: DateOrder | undefined): DateOrderFound {
  const own = alike.map(([of, { vote }]) => ({ of, result: vote.result() }));
  const sure = new Set(own.filter(({ result }) => result.certainty === 'sure').map(({ result }) => result.order));
  if (sure.size > 1) return own.find(({ of }) => of === key)!.result;
  const all = dateOrderVote(given);
  for (const [, { vote }] of alike) all.absorb(vote);
  return all.result();
}

function keyOf({ form, separator, yearAt }: LogHead): string {
  return `${form} ${separator}${yearAt}`;
}

function isSameKind(a: LogHead, b: LogHead): boolean {
  return a.form === b.form && a.separator === b.separator && a.yearAt === b.yearAt;
}
