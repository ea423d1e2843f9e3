import { parse } from 'yaml';
import type { Json } from '../pipeline/yaml/tree.ts';
import { frozenYaml } from './past-runs.ts';
import type { PastRun } from './past-runs.ts';

/** A stage in a run's `pipeline.yaml`, with all defaults written out. */
export interface FrozenStage {
  kind: string;
  inputs: Record<string, string>;
  params: { [key: string]: Json };
}

/** The stages of a run as it ran; empty if the file is missing or damaged. */
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
