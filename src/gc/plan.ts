import type { Digest, Key } from '../pipeline/plan/key.ts';
import type { CachedPart } from '../store/cached-parts.ts';
import { partsBytes, storeBytes } from './inventory.ts';
import type { ArtifactItem, RunItem, WorkItem, Inventory } from './inventory.ts';

export interface GcOptions {
  nowMs: number;
  /** older runs no longer protect their results, unless they are the last or best of their pipeline */
  olderThanMs: number | null;
  /** per pipeline, only this many of the newest runs protect their results */
  keepRuns: number | null;
  /** delete the least recently used entries until the store is no larger than this */
  maxBytes: number | null;
  /** delete all cached parts, which only save time */
  parts: boolean;
}

/** What can be deleted. */
export interface GcPlan {
  entries: {
    key: Key;
    artifact: Digest;
    /** printed by `--json`, so these words stay */
    why: 'no run names it' | 'only runs that are let go name it' | 'used longest ago';
  }[];
  artifacts: Digest[];
  /** unfinished attempts that are old enough to delete */
  oldWorks: WorkItem[];
  /** unfinished attempts that stay, because the next run can resume them */
  keptWorks: WorkItem[];
  /** parts to delete: all, those unused for `olderThanMs`, or as many as `maxBytes` requires */
  parts: CachedPart[];
  /** size of all parts in the store */
  partsBytes: number;
  /** number of runs that protect their results */
  holding: number;
  /** number of runs that no longer do */
  letGo: number;
  storeBytes: number;
  freedBytes: number;
  /** what each run named when the plan was made */
  named: ReadonlyMap<string, ReadonlySet<string>>;
  /** how far the store remains above `maxBytes`, because the rest is in use or belongs to a last or best run */
  overBytes: number;
}

/** Anything younger may still be in the process of being published. */
const SETTLED_MS = 3_600_000;
/** An unfinished attempt may contain days of training, so without `olderThanMs` it is deleted only at this age. */
const OLD_WORK_MS = 30 * 24 * 3_600_000;

/**
 * Decides what to delete, without touching the store. Keeps everything that a running process uses, and the last and
 * best run of every pipeline.
 */
export function planGc(inventory: Inventory, options: GcOptions): GcPlan {
  const { nowMs } = options;
  const essential = essentialRuns(inventory.runs);
  const ranks = ranksIn(inventory.runs);
  const holding = inventory.runs.filter((run) => essential.has(run) || isKept(run, ranks.get(run)!, options));
  const used = usedBy(inventory.runs);
  const held = usedBy(holding);
  const oldWorks = inventory.works.filter(
    ({ key, changedMs }) => !inventory.activeKeys.has(key) && nowMs - changedMs > (options.olderThanMs ?? OLD_WORK_MS),
  );
  const keptWorks = inventory.works.filter((work) => !oldWorks.includes(work));
  const needed = new Set([...inventory.activeArtifacts, ...keptWorks.flatMap(({ inputs }) => inputs)]);
  const entries: GcPlan['entries'] = inventory.entries.flatMap(({ key, artifact, madeMs }) => {
    const stays =
      held.keys.has(key) ||
      held.artifacts.has(artifact) ||
      needed.has(artifact) ||
      inventory.activeKeys.has(key) ||
      nowMs - madeMs < SETTLED_MS;
    return stays
      ? []
      : [
          {
            key,
            artifact,
            why:
              used.keys.has(key) || used.artifacts.has(artifact)
                ? ('only runs that are let go name it' as const)
                : ('no run names it' as const),
          },
        ];
  });
  const without = (deleted: GcPlan['entries']): { artifacts: Digest[]; freedBytes: number } => {
    const deletedKeys = new Set(deleted.map(({ key }) => key));
    const deletedArtifacts = new Set(deleted.map(({ artifact }) => artifact));
    const stay = new Set(inventory.entries.flatMap(({ key, artifact }) => (deletedKeys.has(key) ? [] : [artifact])));
    const unused = inventory.artifacts.filter(
      ({ digest, changedMs }) =>
        !stay.has(digest) &&
        !needed.has(digest) &&
        (deletedArtifacts.has(digest) || (!held.artifacts.has(digest) && nowMs - changedMs > SETTLED_MS)),
    );
    return {
      artifacts: unused.map(({ digest }) => digest),
      freedBytes: bytesFreedBy(unused) + oldWorks.reduce((total, { bytes }) => total + bytes, 0),
    };
  };
  const total = storeBytes(inventory);
  const parts = partsToDelete(inventory, options, total - without(entries).freedBytes);
  const leftBytes = total - partsBytes({ parts });
  if (options.maxBytes !== null)
    entries.push(
      ...leastRecentlyUsed(inventory, entries, usedBy([...essential]), needed, nowMs).enough(
        (more) => leftBytes - without([...entries, ...more]).freedBytes <= options.maxBytes!,
      ),
    );
  const { artifacts, freedBytes: others } = without(entries);
  const freedBytes = others + partsBytes({ parts });
  const overBytes = options.maxBytes === null ? 0 : Math.max(0, total - freedBytes - options.maxBytes);
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
    named: new Map(inventory.runs.map(({ run, keys, artifacts: made }) => [run, new Set<string>([...keys, ...made])])),
  };
}

// ---------------------------------------------------------------------------

/** Every running run, and the last and best run of every pipeline. */
function essentialRuns(runs: RunItem[]): Set<RunItem> {
  const essential = new Set(runs.filter(({ isRunning }) => isRunning));
  for (const group of byPipeline(runs).values()) {
    essential.add(group.reduce((last, run) => (run.startedMs > last.startedMs ? run : last)));
    const measured = group.filter(({ loss }) => loss !== null);
    if (measured.length) essential.add(measured.reduce((best, run) => (run.loss! < best.loss! ? run : best)));
  }
  return essential;
}

/**
 * Deletes parts, least recently used first, before anything that would have to run again. `leftBytes` is the size of
 * the store without the entries that are deleted anyway.
 */
function partsToDelete(
  { parts }: Inventory,
  { nowMs, olderThanMs, maxBytes, parts: all }: GcOptions,
  leftBytes: number,
): CachedPart[] {
  let left = leftBytes;
  return parts.toReversed().filter(({ bytes, usedMs }) => {
    const isDeleted =
      all || (olderThanMs !== null && nowMs - usedMs > olderThanMs) || (maxBytes !== null && left > maxBytes);
    if (isDeleted) left -= bytes;
    return isDeleted;
  });
}

/** `rank`: how many runs of the same pipeline are newer. */
function isKept(run: RunItem, rank: number, { nowMs, olderThanMs, keepRuns }: GcOptions): boolean {
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

type DeletedEntries = GcPlan['entries'];

/**
 * Entries that can be deleted to make room, least recently used first. `enough` returns as few of them as suffice, or
 * all.
 */
function leastRecentlyUsed(
  inventory: Inventory,
  deleted: DeletedEntries,
  essential: ReturnType<typeof usedBy>,
  needed: ReadonlySet<Digest>,
  nowMs: number,
): { enough(suffices: (more: DeletedEntries) => boolean): DeletedEntries } {
  const deletedKeys = new Set(deleted.map(({ key }) => key));
  const used = lastUse(inventory);
  const candidates = inventory.entries
    .filter(
      ({ key, artifact, madeMs }) =>
        !deletedKeys.has(key) &&
        !essential.keys.has(key) &&
        !essential.artifacts.has(artifact) &&
        !needed.has(artifact) &&
        !inventory.activeKeys.has(key) &&
        nowMs - madeMs >= SETTLED_MS,
    )
    .sort((a, b) => (used.get(a.key) ?? a.madeMs) - (used.get(b.key) ?? b.madeMs))
    .map(({ key, artifact }): DeletedEntries[number] => ({ key, artifact, why: 'used longest ago' }));
  return {
    enough(suffices) {
      let [few, many] = [0, candidates.length];
      while (few < many) {
        const half = Math.floor((few + many) / 2);
        if (suffices(candidates.slice(0, half))) many = half;
        else few = half + 1;
      }
      return candidates.slice(0, few);
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

const usedBy = (runs: RunItem[]): { keys: Set<Key>; artifacts: Set<Digest> } => ({
  keys: new Set(runs.flatMap(({ keys }) => keys)),
  artifacts: new Set(runs.flatMap(({ artifacts }) => artifacts)),
});

/** Deleting a file frees nothing while it has another name elsewhere. */
function bytesFreedBy(artifacts: ArtifactItem[]): number {
  const inodes = new Map<string, { bytes: number; names: number; deleted: number }>();
  for (const { inode, bytes, names } of artifacts.flatMap(({ files }) => files))
    inodes.set(inode, { bytes, names, deleted: (inodes.get(inode)?.deleted ?? 0) + 1 });
  return [...inodes.values()].reduce((total, { bytes, names, deleted }) => total + (deleted >= names ? bytes : 0), 0);
}

function lastUse({ runs }: Inventory): Map<Key, number> {
  const used = new Map<Key, number>();
  for (const { keys, startedMs } of runs)
    for (const key of keys) used.set(key, Math.max(used.get(key) ?? 0, startedMs));
  return used;
}
