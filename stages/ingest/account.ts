import { addTally } from '../../src/sources/add-tally.ts';
import {
  fromStored,
  toStored,
  type Fingerprints,
  type StoredFingerprints,
} from '../../src/sources/overlaps/fingerprints.ts';
import { newTally, type Tally } from '../../src/sources/tally.ts';
import { addCounts, newCounts, type ShapeCounts } from './shape-conversations.ts';
import { addStatistics, newStatistics, type Statistics } from './statistics.ts';

/** Everything that ingest counts while it turns a source, or one unit of it, into conversations. */
export interface Account {
  tally: Tally;
  counts: ShapeCounts;
  statistics: Statistics;
  conversations: number;
  /** of a unit that is compared with others; null for a whole source */
  prints: Fingerprints | null;
}

/** Messages dated later than `after` (milliseconds since 1970) count as dated in the future. */
export const newAccount = (after: number): Account => ({
  tally: newTally(after),
  counts: newCounts(),
  statistics: newStatistics(),
  conversations: 0,
  prints: null,
});

/** Adds the account of the next unit, as if the unit had been read together with the ones before it. */
export function addAccount(account: Account, unit: Account): void {
  addTally(account.tally, unit.tally);
  addCounts(account.counts, unit.counts);
  addStatistics(account.statistics, unit.statistics);
  account.conversations += unit.conversations;
}

/** A record as JSON stores it: each map becomes a list of pairs. */
type Stored<T> = { [Name in keyof T]: T[Name] extends Map<infer Key, infer Value> ? [Key, Value][] : T[Name] };

/** An account as cached files store it. They call the counts `shaped`. */
interface StoredAccount {
  tally: Stored<Tally>;
  shaped: Stored<ShapeCounts>;
  statistics: Stored<Statistics>;
  conversations: number;
  prints: StoredFingerprints | null;
}

export function accountToJson({ tally, counts, statistics, conversations, prints }: Account): string {
  return JSON.stringify({
    tally: { ...tally, noticed: [...tally.noticed] },
    shaped: { ...counts, threadsOf: [...counts.threadsOf], aliased: [...counts.aliased] },
    statistics: { ...statistics, months: [...statistics.months], people: [...statistics.people] },
    conversations,
    prints: prints && toStored(prints),
  } satisfies StoredAccount);
}

export function accountFromJson(text: string): Account {
  const { tally, shaped: counts, statistics, conversations, prints } = JSON.parse(text) as StoredAccount;
  return {
    tally: { ...tally, noticed: new Map(tally.noticed) },
    counts: { ...counts, threadsOf: new Map(counts.threadsOf), aliased: new Map(counts.aliased) },
    statistics: { ...statistics, months: new Map(statistics.months), people: new Map(statistics.people) },
    conversations,
    prints: prints && fromStored(prints),
  };
}
