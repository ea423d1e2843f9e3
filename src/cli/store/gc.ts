import { nearPath } from '../screen/shown-values.ts';
import { shellWord } from '../../files/shell-word.ts';
import { calledAs } from '../../files/called-as.ts';
import { join } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import { collect } from '../../gc/collect.ts';
import { takeInventory } from '../../gc/inventory.ts';
import { planGc } from '../../gc/plan.ts';
import type { GcPlan } from '../../gc/plan.ts';
import { counted } from '../../numbers/counted.ts';
import { bytesText } from '../../store/sizes.ts';
import { sweepAside } from '../../store/sweep-aside.ts';
import { openStore } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { storeNotWritable } from '../../store/store-error.ts';
import { bagsIn, emptyTrash, restoreBag, trashBytes } from '../../gc/trash.ts';
import type { TrashBag } from '../../gc/trash.ts';
import { tryLock } from '../../process/lock.ts';
import { UsageError } from '../verb.ts';
import type { VerbContext } from '../verb.ts';
import { roughly } from '../screen/durations.ts';
import { privateRunsDirectory } from '../runs-directory.ts';
import { coloursFor } from '../screen/style.ts';
import { jsonText } from '../screen/printable.ts';

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
 * `runner gc`: lists what can be deleted from the store. `--yes` moves it to the trash, `--undo` restores it,
 * `--empty-trash` deletes it for good.
 */
export async function collectGarbage(flags: GcArguments, { again }: Pick<VerbContext, 'again'>): Promise<number> {
  const runsDir = privateRunsDirectory();
  const store = openStore(join(runsDir, 'store'));
  const changes = flags.yes || flags.undo || flags.emptyTrash;
  if (changes && store.unwritable !== null) throw storeNotWritable(store.dir, store.unwritable);
  const lock = changes ? tryLock(join(store.dir, 'locks', 'gc')) : null;
  if (lock && 'heldBy' in lock)
    throw new UsageError(`process ${lock.heldBy.pid} is running gc in this store; try again when it has ended`);
  try {
    if (flags.undo) return undoGc(store, flags.json);
    if (flags.emptyTrash) return deleteTrash(store, flags.json);
    const inventory = takeInventory(store, runsDir, kinds);
    const plan = planGc(inventory, {
      nowMs: Date.now(),
      olderThanMs: flags.olderThan,
      keepRuns: flags.keep,
      maxBytes: flags.maxSize,
      parts: flags.parts,
    });
    if (flags.yes) sweepAside(runsDir);
    const bag = flags.yes ? await collect(store, plan, runsDir) : null;
    if (flags.json) console.log(jsonText(gcJson(plan, bag), 2));
    else
      for (const line of gcLines(store, plan, bag, { confirmed: again({ yes: true }), done: flags.yes }))
        console.log(line);
    return 0;
  } finally {
    if (lock && 'release' in lock) lock.release();
  }
}

// ---------------------------------------------------------------------------

function undoGc(store: Store, json: boolean): number {
  const bag = bagsIn(store).find(({ why }) => why !== 'damaged');
  const { restored, kept } = bag ? restoreBag(store, bag) : { restored: [], kept: [] };
  if (json) console.log(jsonText({ bag: bag?.bag ?? null, restored, kept }, 2));
  else if (!bag) console.log('the trash contains nothing from gc or rm');
  else
    console.log(
      `restored ${counted(restored.length, 'item')} from ${bag.bag}${kept.length ? `; ${kept.length} stay in the trash, because they have been computed again since` : ''}`,
    );
  return 0;
}

function deleteTrash(store: Store, json: boolean): number {
  const bytes = trashBytes(store);
  const bags = bagsIn(store).map(({ bag }) => bag);
  emptyTrash(store);
  console.log(
    json
      ? jsonText({ bags, freedBytes: bytes })
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
  const worksJson = (works: GcPlan['oldWorks']): object[] =>
    works.map(({ key, stage, kind, bytes, changedMs, canGoOn }) => ({
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
    oldWorks: worksJson(oldWorks),
    keptWorks: worksJson(keptWorks),
    parts: { bytes: plan.partsBytes, goingBytes: partBytes(plan.parts) },
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
  const reasonLines = [...new Set(entries.map(({ why }) => why))].map(
    (why) => `  ${counted(entries.filter((entry) => entry.why === why).length, 'result')} ${REASONS[why]}`,
  );
  const loose =
    artifacts.length -
    new Set(entries.map(({ artifact }) => artifact).filter((artifact) => artifacts.includes(artifact))).size;
  const resumable = keptWorks.filter(({ canGoOn }) => canGoOn);
  const others = keptWorks.length - resumable.length;
  const kept = keptWorks.length
    ? [
        '',
        'unfinished attempts, which are kept for the next run to resume:',
        ...resumable.map(
          ({ stage, kind, bytes, changedMs }) =>
            `  ${stage} (${kind})  ${bytesText(bytes)}, last changed ${roughly((Date.now() - changedMs) / 1000)} ago, with a checkpoint`,
        ),
        ...(others > 0
          ? [
              `  ${counted(others, 'attempt')} without a checkpoint, ${bytesText(keptWorks.reduce((sum, { canGoOn, bytes }) => sum + (canGoOn ? 0 : bytes), 0))}`,
            ]
          : []),
      ]
    : [];
  const head = `store: ${bytesText(plan.storeBytes)}; the results of ${counted(holding, 'run')} are kept${letGo ? `, those of ${counted(letGo, 'run')} are not` : ''}`;
  const spare =
    plan.partsBytes > partBytes(plan.parts)
      ? [
          `${bytesText(plan.partsBytes - partBytes(plan.parts))} of it is a cache of results for individual input files, which only saves time; --parts deletes it`,
        ]
      : [];
  const parts = plan.parts.length
    ? [`  the cache of results for individual input files, which only saves time: ${bytesText(partBytes(plan.parts))}`]
    : [];
  const nothing = entries.length + artifacts.length + oldWorks.length + parts.length === 0;
  const what = nothing
    ? [`nothing to delete${letGo ? ': the results of the last hour are always kept' : ''}`]
    : [
        `${done ? 'moved to the trash' : 'can be deleted'}: ${colours.bold(bytesText(freedBytes))}`,
        ...reasonLines,
        ...(loose ? [`  ${counted(loose, 'artifact that belongs', 'artifacts that belong')} to no result`] : []),
        ...oldWorks.map(
          ({ stage, kind, bytes }) => `  an old unfinished attempt at ${stage} (${kind}), ${bytesText(bytes)}`,
        ),
        ...parts,
      ];
  const over = overBytes
    ? [
        colours.yellow(
          `still ${bytesText(overBytes)} over --max-size: the rest is in use, was made within the last hour, or belongs to the last or best run of a pipeline`,
        ),
      ]
    : [];
  const trash = trashBytes(store);
  const next = bag
    ? [
        `trash:          ${nearPath(bag.dir)}`,
        `restore it:     ${calledAs()} gc --undo`,
        `free the space: ${calledAs()} gc --empty-trash`,
      ]
    : nothing
      ? trash
        ? [`free ${bytesText(trash)}: ${calledAs()} gc --empty-trash`]
        : []
      : [`next: ${calledAs()} gc ${confirmed.map(shellWord).join(' ')}`];
  return [head, ...spare, ...what, ...over, ...kept, '', ...next].slice(0, next.length || kept.length ? undefined : -1);
}

/** The reasons in words. `--json` prints the keys. */
const REASONS: Record<GcPlan['entries'][number]['why'], string> = {
  'no run names it': 'that no run uses',
  'only runs that are let go name it': 'used only by runs whose results are not kept',
  'used longest ago': 'used least recently',
};

const partBytes = (parts: GcPlan['parts']): number => parts.reduce((total, { bytes }) => total + bytes, 0);
