import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINT_FILES } from '../../artifacts/checkpoint/checkpoint-files.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { UsageError, listed } from '../verb.ts';
import { findRun } from './find-run.ts';
import { stagesWithResult } from './find-tokens.ts';

export interface TrainedModel {
  past: PastRun;
  stage: string;
  /** the stage's result: `final`, `best`, … */
  dir: string;
  /** the results of all stages of the run */
  results: ReadonlyMap<string, string>;
}

/** The model that a stage of a run trained. Without a stage, the run must have only one. */
export function findTrainedModel(runsDir: string, named: string, stage: string | null): TrainedModel {
  const past = findRun(runsDir, named);
  const results = stagesWithResult(past, runsDir);
  const withModel = [...results].flatMap(([name, dir]) => (isCheckpoint(dir) ? [name] : []));
  const chosen = stage ?? onlyOne(past, withModel);
  const dir = results.get(chosen);
  if (dir !== undefined && isCheckpoint(dir)) return { past, stage: chosen, dir, results };
  const planned = kindsOf(past).get(chosen);
  if (dir === undefined && planned === undefined)
    throw new UsageError(
      `run ${past.name} has no stage "${chosen}"; ${suggestion(chosen, withModel, 'trained models')}`,
    );
  throw new UsageError(
    planned === 'train'
      ? `stage "${chosen}" of run ${past.name} has not finished its training; ${others(withModel)}`
      : `stage "${chosen}" of run ${past.name} trained no model; ${others(withModel)}`,
  );
}

// ---------------------------------------------------------------------------

function onlyOne(past: PastRun, withModel: string[]): string {
  const [first, ...more] = withModel;
  if (first === undefined) {
    const training = [...kindsOf(past)].flatMap(([name, kind]) => (kind === 'train' ? [name] : []));
    throw new UsageError(
      training.length > 0
        ? `run ${past.name} has no trained model: ${listed(training, 'and')} did not finish. Run the pipeline again; it continues where it stopped`
        : `run ${past.name} has no trained model; train stages make them`,
    );
  }
  if (more.length > 0)
    throw new UsageError(
      `run ${past.name} has ${withModel.length} trained models: ${withModel.join(', ')}; name one: ${past.name}/${first}`,
    );
  return first;
}

const others = (withModel: string[]): string => `stages with a model: ${withModel.join(', ') || 'none'}`;
const kindsOf = ({ record }: PastRun): Map<string, string> =>
  new Map((record?.planned ?? []).map(({ name, kind }) => [name, kind]));
const isCheckpoint = (dir: string): boolean => existsSync(join(dir, 'final', CHECKPOINT_FILES.training));
