import { kinds } from '../../../stages/index.ts';
import { frozenStages } from '../../history/frozen-pipeline.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { changedParams } from '../../pipeline/schema/changed-params.ts';
import type { Schema } from '../../pipeline/schema/check.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';

export interface ChosenParam {
  /** `model.schedule.peak` */
  path: string;
  value: Json;
}

/** The params of a run that are not defaults, in the order of its pipeline. */
export const chosenParams = (past: PastRun): ChosenParam[] =>
  Object.entries(frozenStages(past)).flatMap(([name, { kind, params }]) =>
    changedParams((kinds[kind]?.params ?? {}) as Schema, params).map(({ path, value }) => ({
      path: `${name}.${path}`,
      value,
    })),
  );

export const paramText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
