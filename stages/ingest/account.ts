import { addTally } from '../../src/sources/add-tally.ts';
import { newTally, type Tally } from '../../src/sources/tally.ts';
import { addCounts, newCounts, type ShapeCounts } from './shape-conversations.ts';
import { joinStatistics, newStatistics, type Statistics } from './statistics.ts';

/** All that is counted on the way from a source, or from a part of it, to its conversations. */
export interface Account {
  tally: Tally;
  counts: ShapeCounts;
  statistics: Statistics;
  conversations: number;
}

/** `after`: what is dated later is in the future. */
export const newAccount = (after: number): Account => ({
  tally: newTally(after),
  counts: newCounts(),
  statistics: newStatistics(),
  conversations: 0,
});

/** As if the part had been read with the rest, in its place. */
export function addAccount(account: Account, part: Account): void {
  addTally(account.tally, part.tally);
  addCounts(account.counts, part.counts);
  joinStatistics(account.statistics, part.statistics);
  account.conversations += part.conversations;
}

/** A record as JSON holds it: a list of pairs for each map. */
type Stored<T> = { [Name in keyof T]: T[Name] extends Map<infer Key, infer Value> ? [Key, Value][] : T[Name] };

/** An account as it is cached; `shaped` is the name that its files have always had for the counts. */
interface StoredAccount {
  tally: Stored<Tally>;
  shaped: Stored<ShapeCounts>;
  statistics: Stored<Statistics>;
  conversations: number;
}

/** As JSON, which has no maps. */
export function textOfAccount({ tally, counts, statistics, conversations }: Account): string {
  return JSON.stringify({
    tally: { ...tally, noticed: [...tally.noticed] },
    shaped: { ...counts, threadsOf: [...counts.threadsOf] },
    statistics: { ...statistics, months: [...statistics.months], people: [...statistics.people] },
    conversations,
  } satisfies StoredAccount);
}

export function accountOfText(text: string): Account {
  const { tally, shaped: counts, statistics, conversations } = JSON.parse(text) as StoredAccount;
  return {
    tally: { ...tally, noticed: new Map(tally.noticed) },
    counts: { ...counts, threadsOf: new Map(counts.threadsOf) },
    statistics: { ...statistics, months: new Map(statistics.months), people: new Map(statistics.people) },
    conversations,
  };
}
