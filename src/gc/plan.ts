import type { Digest, Key } from '../pipeline/plan/key.ts';
import type { CachedPart } from '../store/cached-parts.ts';
import { partsBytes, storeBytes } from './inventory.ts';
import type { ArtifactItem, RunItem, WorkItem, Inventory } from './inventory.ts';

export interface GcOptions {
  nowMs: number;
  /** runs that began before so long hold nothing any more, unless they are the last or best of their pipeline */
  olderThanMs: number | null;
  /** of each pipeline, only so many of the newest runs hold what they name */
  keepRuns: number | null;
  /** what was used longest ago goes, until the store is no larger */
  maxBytes: number | null;
  /** parts only save time: all of them go */
  parts: boolean;
}

export interface GcPlan {
  /** entries that go, and why */
  entries: {
    key: Key;
    artifact: Digest;
    why: 'no run names it' | 'only runs that are let go name it' | 'used longest ago';
  }[];
  artifacts: Digest[];
  /** unfinished attempts that go, for they are old */
  oldWorks: WorkItem[];
  /** unfinished attempts that stay: the next run goes on from them */
  keptWorks: WorkItem[];
  /** parts that go: all, those unused for as long as was asked for, or as many as make the store small enough */
  parts: CachedPart[];
  /** of all that there are */
  partsBytes: number;
  /** runs that hold what they name, and those that do not */
  holding: number;
  letGo: number;
  storeBytes: number;
  freedBytes: number;
  /** how far above `maxBytes` the store stays, for all that is left is the last, the best or in use */
  overBytes: number;
}

/** What is younger may belong to a process that is just publishing it. */
const SETTLED_MS = 3_600_000;
/** An unfinished attempt may hold days of training: it goes only when it is as old as was asked for, or as this. */
const OLD_WORK_MS = 30 * 24 * 3_600_000;

/**
 * Decides; touches nothing. Whatever a living process holds stays, and so do the last and the best run of every
 * pipeline.
 */
export function planGc(inventory: Inventory, wishes: GcOptions): GcPlan {
  const { nowMs } = wishes;
  const firm = firmRuns(inventory.runs);
  const ranks = ranksIn(inventory.runs);
  const holding = inventory.runs.filter((run) => firm.has(run) || holds(run, ranks.get(run)!, wishes));
  const named = namedBy(inventory.runs);
  const held = namedBy(holding);
  const oldWorks = inventory.works.filter(
    ({ key, changedMs }) => !inventory.livingKeys.has(key) && nowMs - changedMs > (wishes.olderThanMs ?? OLD_WORK_MS),
  );
  const keptWorks = inventory.works.filter((work) => !oldWorks.includes(work));
  const needed = new Set([...inventory.livingArtifacts, ...keptWorks.flatMap(({ inputs }) => inputs)]);
  const entries: GcPlan['entries'] = inventory.entries.flatMap(({ key, artifact, madeMs }) => {
    const stays =
      held.keys.has(key) ||
      held.artifacts.has(artifact) ||
      needed.has(artifact) ||
      inventory.livingKeys.has(key) ||
      nowMs - madeMs < SETTLED_MS;
    return stays
      ? []
      : [
          {
            key,
            artifact,
            why:
              named.keys.has(key) || named.artifacts.has(artifact)
                ? ('only runs that are let go name it' as const)
                : ('no run names it' as const),
          },
        ];
  });
  const without = (gone: GcPlan['entries']): { artifacts: Digest[]; freedBytes: number } => {
    const goneKeys = new Set(gone.map(({ key }) => key));
    const goneArtifacts = new Set(gone.map(({ artifact }) => artifact));
    const stay = new Set(inventory.entries.flatMap(({ key, artifact }) => (goneKeys.has(key) ? [] : [artifact])));
    const loose = inventory.artifacts.filter(
      ({ digest, changedMs }) =>
        !stay.has(digest) &&
        !needed.has(digest) &&
        (goneArtifacts.has(digest) || (!held.artifacts.has(digest) && nowMs - changedMs > SETTLED_MS)),
    );
    return {
      artifacts: loose.map(({ digest }) => digest),
      freedBytes: bytesFreedBy(loose) + oldWorks.reduce((total, { bytes }) => total + bytes, 0),
    };
  };
  const total = storeBytes(inventory);
  const parts = goneParts(inventory, wishes, total - without(entries).freedBytes);
  const leftBytes = total - partsBytes({ parts });
  if (wishes.maxBytes !== null)
    entries.push(
      ...longestUnused(inventory, entries, namedBy([...firm]), needed, nowMs).enough(
        (gone) => leftBytes - without([...entries, ...gone]).freedBytes <= wishes.maxBytes!,
      ),
    );
  const { artifacts, freedBytes: others } = without(entries);
  const freedBytes = others + partsBytes({ parts });
  const overBytes = wishes.maxBytes === null ? 0 : Math.max(0, total - freedBytes - wishes.maxBytes);
  return {
    entries,
    artifacts,
    oldWorks,
    keptWorks,
    parts,
    partsBytes: partsBytes(inventory),
    holding: holding.length,
    letGo: inventory.runs.length - holding.length,
    storeBytes: total,
    freedBytes,
    overBytes,
  };
}

// ---------------------------------------------------------------------------

/** Of every pipeline the last run and the best, and every run that lives. */
function firmRuns(runs: RunItem[]): Set<RunItem> {
  const firm = new Set(runs.filter(({ living }) => living));
  for (const group of byPipeline(runs).values()) {
    firm.add(group.reduce((last, run) => (run.startedMs > last.startedMs ? run : last)));
    const measured = group.filter(({ loss }) => loss !== null);
    if (measured.length) firm.add(measured.reduce((best, run) => (run.loss! < best.loss! ? run : best)));
  }
  return firm;
}

/**
 * They go before anything that would have to be run again; the longest unused first. `leftBytes`: what the store would
 * still hold.
 */
function goneParts(
  { parts }: Inventory,
  { nowMs, olderThanMs, maxBytes, parts: all }: GcOptions,
  leftBytes: number,
): CachedPart[] {
  let left = leftBytes;
  return parts.toReversed().filter(({ bytes, usedMs }) => {
    const goes =
      all || (olderThanMs !== null && nowMs - usedMs > olderThanMs) || (maxBytes !== null && left > maxBytes);
    if (goes) left -= bytes;
    return goes;
  });
}

/** `rank`: how many runs of the same pipeline are newer. */
function holds(run: RunItem, rank: number, { nowMs, olderThanMs, keepRuns }: GcOptions): boolean {
  if (olderThanMs === null && keepRuns === null) return true;
  const young = olderThanMs !== null && nowMs - run.startedMs <= olderThanMs;
  return young || (keepRuns !== null && rank < keepRuns);
}

function ranksIn(runs: RunItem[]): Map<RunItem, number> {
  return new Map(
    [...byPipeline(runs).values()].flatMap((group) =>
      [...group].sort((a, b) => b.startedMs - a.startedMs).map((run, rank): [RunItem, number] => [run, rank]),
    ),
  );
}

type Gone = GcPlan['entries'];

/** Entries that may go to make room, the longest unused first; `enough` takes as few of them as suffice, or all. */
function longestUnused(
  inventory: Inventory,
  gone: Gone,
  firm: ReturnType<typeof namedBy>,
  needed: ReadonlySet<Digest>,
  nowMs: number,
): { enough(suffices: (more: Gone) => boolean): Gone } {
  const already = new Set(gone.map(({ key }) => key));
  const used = lastUse(inventory);
  const spare = inventory.entries
    .filter(
      ({ key, artifact, madeMs }) =>
        !already.has(key) &&
        !firm.keys.has(key) &&
        !firm.artifacts.has(artifact) &&
        !needed.has(artifact) &&
        !inventory.livingKeys.has(key) &&
        nowMs - madeMs >= SETTLED_MS,
    )
    .sort((a, b) => (used.get(a.key) ?? a.madeMs) - (used.get(b.key) ?? b.madeMs))
    .map(({ key, artifact }): Gone[number] => ({ key, artifact, why: 'used longest ago' }));
  return {
    enough(suffices) {
      let [few, many] = [0, spare.length];
      while (few < many) {
        const half = Math.floor((few + many) / 2);
        if (suffices(spare.slice(0, half))) many = half;
        else few = half + 1;
      }
      return spare.slice(0, few);
    },
  };
}

function byPipeline(runs: RunItem[]): Map<string, RunItem[]> {
  const groups = new Map<string, RunItem[]>();
  for (const run of runs) {
    const group = groups.get(run.pipeline) ?? [];
    groups.set(run.pipeline, group);
    group.push(run);
  }
  return groups;
}

const namedBy = (runs: RunItem[]): { keys: Set<Key>; artifacts: Set<Digest> } => ({
  keys: new Set(runs.flatMap(({ keys }) => keys)),
  artifacts: new Set(runs.flatMap(({ artifacts }) => artifacts)),
});

/** A file that also has a name elsewhere frees nothing. */
function bytesFreedBy(artifacts: ArtifactItem[]): number {
  const places = new Map<string, { bytes: number; names: number; gone: number }>();
  for (const { place, bytes, names } of artifacts.flatMap(({ files }) => files))
    places.set(place, { bytes, names, gone: (places.get(place)?.gone ?? 0) + 1 });
  return [...places.values()].reduce((total, { bytes, names, gone }) => total + (gone >= names ? bytes : 0), 0);
}

function lastUse({ runs }: Inventory): Map<Key, number> {
  const used = new Map<Key, number>();
  for (const { keys, startedMs } of runs)
    for (const key of keys) used.set(key, Math.max(used.get(key) ?? 0, startedMs));
  return used;
}
