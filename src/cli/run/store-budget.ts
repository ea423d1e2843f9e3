import { planPipeline } from '../../pipeline/plan/plan.ts';
import { lastKeys } from '../../store/store.ts';
import { checkStoreLimit, storeLimit } from '../../gc/store-limit.ts';
import type { DueStage } from '../../gc/store-limit.ts';
import type { LoadedFile } from '../load/load-pipeline.ts';

/** Throws, before anything runs, if the due stages would make the store larger than RUNNER_STORE_LIMIT allows. */
export function checkBudget({ points, store, runsDir }: LoadedFile): void {
  const limit = storeLimit();
  if (limit === null) return;
  // Points of a sweep share stages; the result of a key is stored once.
  const due = new Map<string, DueStage>();
  for (const { pipeline, facts } of points) {
    const last = lastKeys(store, pipeline.name);
    for (const { stage, key, verdict } of planPipeline(pipeline, facts)) {
      if (verdict !== 'cached')
        due.set(key ?? `${pipeline.point?.index} ${stage.name}`, {
          name: stage.name,
          lastKey: last[stage.name] ?? null,
        });
    }
  }
  checkStoreLimit(store, runsDir, [...due.values()], limit);
}
