import { addTally } from '../../src/sources/add-tally.ts';
import { newTally, type Tally } from '../../src/sources/tally.ts';
import { addShaped, newShaped, type Shaped } from './shape-conversations.ts';
import { joinStatistics, newStatistics, type Statistics } from './statistics.ts';

/** All that is counted on the way from a source, or from a part of it, to its conversations. */
export interface Account {
  tally: Tally;
  shaped: Shaped;
  statistics: Statistics;
  conversations: number;
}

/** `after`: what is dated later is in the future. */
export const newAccount = (after: number): Account => ({
  tally: newTally(after),
  shaped: newShaped(),
  statistics: newStatistics(),
  conversations: 0,
});

/** As if the part had been read with the rest, in its place. */
export function addAccount(account: Account, part: Account): void {
  addTally(account.tally, part.tally);
  addShaped(account.shaped, part.shaped);
  joinStatistics(account.statistics, part.statistics);
  account.conversations += part.conversations;
}

/** An account, or a part of one, as JSON holds it: a list of pairs for each map. */
type Stored<T> = {
  [Name in keyof T]: T[Name] extends Map<infer Key, infer Value>
    ? [Key, Value][]
    : T[Name] extends Tally | Shaped | Statistics
      ? Stored<T[Name]>
      : T[Name];
};

/** As JSON, which has no maps. */
export function textOfAccount({ tally, shaped, statistics, conversations }: Account): string {
  return JSON.stringify({
    tally: { ...tally, noticed: [...tally.noticed] },
    shaped: { ...shaped, threadsOf: [...shaped.threadsOf] },
    statistics: { ...statistics, months: [...statistics.months], people: [...statistics.people] },
    conversations,
  } satisfies Stored<Account>);
}

export function accountOfText(text: string): Account {
  const { tally, shaped, statistics, conversations } = JSON.parse(text) as Stored<Account>;
  return {
    tally: { ...tally, noticed: new Map(tally.noticed) },
    shaped: { ...shaped, threadsOf: new Map(shaped.threadsOf) },
    statistics: { ...statistics, months: new Map(statistics.months), people: new Map(statistics.people) },
    conversations,
  };
}
