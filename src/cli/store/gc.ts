import { join, relative } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { collect } from '../../gc/collect.ts';
import { takeInventory } from '../../gc/inventory.ts';
import { planGc } from '../../gc/plan.ts';
import type { GcPlan } from '../../gc/plan.ts';
import { bytesText } from '../../store/sizes.ts';
import { openStore } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { storeNotWritable } from '../../store/store-error.ts';
import { bagsIn, emptyTrash, restoreBag, trashBytes } from '../../gc/trash.ts';
import type { TrashBag } from '../../gc/trash.ts';
import { tryLock } from '../../process/lock.ts';
import { UsageError } from '../verb.ts';
import type { VerbContext } from '../verb.ts';
import { clock } from '../screen/durations.ts';
import { runsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';

interface GcArguments {
  /** milliseconds */
  olderThan: number | null;
  keep: number | null;
  /** bytes */
  maxSize: number | null;
  parts: boolean;
  yes: boolean;
  undo: boolean;
  emptyTrash: boolean;
  json: boolean;
}

/**
 * `runner gc`: what can be deleted from the store. `--yes` moves it to the trash, `--undo` restores it, `--empty-trash`
 * deletes it for good.
 */
export function collectGarbage(flags: GcArguments, { again }: Pick<VerbContext, 'again'>): number {
  const store = openStore(join(runsDirectory(), 'store'));
  const changes = flags.yes || flags.undo || flags.emptyTrash;
  if (changes && store.unwritable !== null) throw storeNotWritable(store.dir, store.unwritable);
  const lock = changes ? tryLock(join(store.dir, 'locks', 'gc')) : null;
  if (lock && 'heldBy' in lock) throw new UsageError(`process ${lock.heldBy.pid} collects in this store just now`);
  try {
    if (flags.undo) return bringBack(store, flags.json);
    if (flags.emptyTrash) return endTrash(store, flags.json);
    const inventory = takeInventory(store, runsDirectory(), kinds);
    const plan = planGc(inventory, {
      nowMs: Date.now(),
      olderThanMs: flags.olderThan,
      keepRuns: flags.keep,
      maxBytes: flags.maxSize,
      parts: flags.parts,
    });
    const bag = flags.yes ? collect(store, plan) : null;
    if (flags.json) console.log(JSON.stringify(gcJson(plan, bag), null, 2));
    else
      for (const line of gcLines(store, plan, bag, { confirmed: again({ yes: true }), done: flags.yes }))
        console.log(line);
    return 0;
  } finally {
    if (lock && 'release' in lock) lock.release();
  }
}

// ---------------------------------------------------------------------------

function bringBack(store: Store, json: boolean): number {
  const bag = bagsIn(store).find(({ why }) => why === 'gc');
  const { restored, kept } = bag ? restoreBag(store, bag) : { restored: [], kept: [] };
  if (json) console.log(JSON.stringify({ bag: bag?.bag ?? null, restored, kept }, null, 2));
  else if (!bag) console.log('the trash holds nothing that gc put there');
  else
    console.log(
      `${restored.length} things are back from ${bag.bag}${kept.length ? `; ${kept.length} stay in the trash, for they were made again meanwhile` : ''}`,
    );
  return 0;
}

function endTrash(store: Store, json: boolean): number {
  const bytes = trashBytes(store);
  const bags = bagsIn(store).map(({ bag }) => bag);
  emptyTrash(store);
  console.log(
    json
      ? JSON.stringify({ bags, freedBytes: bytes })
      : bags.length
        ? `the trash is empty: ${bytesText(bytes)} freed`
        : 'the trash was empty',
  );
  return 0;
}

/**
 * `{ dry, storeBytes, freedBytes, overBytes, runs: { holding, letGo }, entries: [{ key, artifact, why }], artifacts,
 * oldWorks, keptWorks, parts: { bytes, goingBytes }, trash }`, works as `{ key, stage, kind, bytes, changed, canGoOn
 * }`
 */
function gcJson(plan: GcPlan, bag: TrashBag | null): object {
  const works = (of: GcPlan['oldWorks']): object[] =>
    of.map(({ key, stage, kind, bytes, changedMs, canGoOn }) => ({
      key,
      stage,
      kind,
      bytes,
      changed: new Date(changedMs).toISOString(),
      canGoOn,
    }));
  const { storeBytes, freedBytes, overBytes, holding, letGo, entries, artifacts, oldWorks, keptWorks } = plan;
  return {
    dry: bag === null,
    storeBytes,
    freedBytes,
    overBytes,
    runs: { holding, letGo },
    entries,
    artifacts,
    oldWorks: works(oldWorks),
    keptWorks: works(keptWorks),
    parts: { bytes: plan.partsBytes, goingBytes: bytesOf(plan.parts) },
    trash: bag?.dir ?? null,
  };
}

function gcLines(
  store: Store,
  plan: GcPlan,
  bag: TrashBag | null,
  { confirmed, done }: { confirmed: string[]; done: boolean },
): string[] {
  const colours = coloursFor(process.stdout);
  const { entries, artifacts, oldWorks, keptWorks, holding, letGo, freedBytes, overBytes } = plan;
  const whys = [...new Set(entries.map(({ why }) => why))].map(
    (why) => `  ${entries.filter((entry) => entry.why === why).length} entries: ${why}`,
  );
  const loose =
    artifacts.length -
    new Set(entries.map(({ artifact }) => artifact).filter((artifact) => artifacts.includes(artifact))).size;
  const kept = keptWorks.length
    ? [
        '',
        `unfinished attempts that stay (the next run goes on from them):`,
        ...keptWorks.map(
          ({ stage, kind, bytes, changedMs, canGoOn }) =>
            `  ${stage} (${kind})  ${bytesText(bytes)}, last touched ${clock(Date.now() - changedMs)} ago${canGoOn ? ', with a checkpoint' : ''}`,
        ),
      ]
    : [];
  const head = `the store holds ${bytesText(plan.storeBytes)}; ${holding === 1 ? '1 run keeps what it names' : `${holding} runs keep what they name`}${letGo ? `, ${letGo} are let go` : ''}`;
  const spare =
    plan.partsBytes > bytesOf(plan.parts)
      ? [
          `${bytesText(plan.partsBytes - bytesOf(plan.parts))} of it only save time when little changed; --parts lets them go`,
        ]
      : [];
  const parts = plan.parts.length ? [`  ${bytesText(bytesOf(plan.parts))} of parts: they only save time`] : [];
  const nothing = entries.length + artifacts.length + oldWorks.length + parts.length === 0;
  const what = nothing
    ? ['nothing can go']
    : [
        `${done ? 'gone to the trash' : 'can go'}: ${colours.bold(bytesText(freedBytes))}`,
        ...whys,
        ...(loose
          ? [`  ${loose} ${loose === 1 ? 'artifact: no entry speaks of it' : 'artifacts: no entry speaks of them'}`]
          : []),
        ...oldWorks.map(
          ({ stage, kind, bytes }) => `  an old unfinished attempt at ${stage} (${kind}), ${bytesText(bytes)}`,
        ),
        ...parts,
      ];
  const over = overBytes
    ? [
        colours.yellow(
          `still ${bytesText(overBytes)} too large: the rest is in use, or the last or best of its pipeline`,
        ),
      ]
    : [];
  const trash = trashBytes(store);
  const next = bag
    ? [
        `it lies in ${relative(process.cwd(), bag.dir)}`,
        'next: ./runner gc --undo  or, to free the room, ./runner gc --empty-trash',
      ]
    : nothing
      ? trash
        ? [`next: ./runner gc --empty-trash  frees ${bytesText(trash)}`]
        : []
      : [`next: ./runner gc ${confirmed.join(' ')}`];
  return [head, ...spare, ...what, ...over, ...kept, '', ...next].slice(0, next.length || kept.length ? undefined : -1);
}

const bytesOf = (parts: GcPlan['parts']): number => parts.reduce((total, { bytes }) => total + bytes, 0);
