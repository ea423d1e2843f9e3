import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runEventReader } from '../../history/follow-events.ts';
import { readPastRun } from '../../history/past-runs.ts';
import { listRunLines } from '../../history/run-index.ts';
import type { RunLine } from '../../history/run-index.ts';
import { planPipeline } from '../../pipeline/plan/plan.ts';
import type { Continues } from '../../pipeline/events.ts';
import type { LoadedPoint } from '../load/load-pipeline.ts';

/**
 * The run that began the training which this run is about to resume or to use, so that no tracker shows one training as
 * two. Null for a run that trains anew or not at all, and for points of a sweep, which are compared as they are.
 */
export function continuedRun({ pipeline, facts }: LoadedPoint, runsDir: string): Continues | null {
  if (pipeline.point) return null;
  const planned = planPipeline(pipeline, facts);
  const trainings = planned.flatMap(({ stage, key, verdict }) =>
    stage.kind === 'train' && key ? [{ key, verdict }] : [],
  );
  const resumed = trainings.filter(({ key, verdict }) => verdict === 'due' && facts.hasWork(key));
  const used = trainings.filter(({ verdict }) => verdict === 'cached');
  const [first] = [...resumed, ...used];
  if (!first || resumed.length + used.length < trainings.length) return null;
  const origin = listRunLines(runsDir).findLast((line) => hasTrained(line, first.key));
  const uid = origin && readPastRun(origin.dir)?.record?.runUid;
  if (!origin || uid === undefined || !existsSync(join(origin.dir, 'journal.jsonl'))) return null;
  // a file that says that the model is to be sent has something new to send
  const isCopy = planned.every(({ verdict }) => verdict === 'cached') && !pipeline.trackedModel;
  if (isCopy) return { run: origin.run, runUid: uid, as: 'copy' };
  return { run: origin.run, runUid: uid, as: resumed.length > 0 ? 'training' : 'use' };
}

// ---------------------------------------------------------------------------

function hasTrained({ trainings, outcome, dir }: RunLine, key: string): boolean {
  if (trainings.some((start) => key.startsWith(start))) return true;
  // a runner that was killed has recorded no result
  return (
    outcome === 'died' &&
    runEventReader(join(dir, 'events.jsonl'))
      .read()
      .some((event) => event.kind === 'stage-started' && event.key === key)
  );
}
