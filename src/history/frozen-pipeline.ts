import { parse } from 'yaml';
import type { Json } from '../pipeline/yaml/tree.ts';
import { frozenYaml } from './past-runs.ts';
import type { PastRun } from './past-runs.ts';

/** A stage as it stands in a run's `pipeline.yaml`: every default written out. */
export interface FrozenStage {
  kind: string;
  inputs: Record<string, string>;
  params: { [key: string]: Json };
}

/** The stages of a run as it ran; none if the file is gone or damaged. */
export function frozenStages(past: PastRun): Record<string, FrozenStage> {
  try {
    const { stages } = parse(frozenYaml(past) ?? '') as { stages: Record<string, Partial<FrozenStage>> };
    return Object.fromEntries(
      Object.entries(stages).map(([name, { kind = '', inputs = {}, params = {} }]) => [name, { kind, inputs, params }]),
    );
  } catch {
    return {};
  }
}
