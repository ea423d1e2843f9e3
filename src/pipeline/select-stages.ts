import { nearest } from './diagnostic/nearest.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * The named stages and everything that they need, in the order of the file; all stages if no names are given. Returns
 * messages about names that are unknown.
 */
export function selectStages(pipeline: Pipeline, names: string[]): Pipeline | { unknown: string[] } {
  if (names.length === 0) return pipeline;
  const byName = new Map(pipeline.stages.map((stage) => [stage.name, stage]));
  const unknown = names.filter((name) => !byName.has(name));
  if (unknown.length) return { unknown: unknown.map((name) => noSuchStage(name, [...byName.keys()])) };
  const wanted = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (wanted.has(name)) continue;
    wanted.add(name);
    pending.push(...Object.values(byName.get(name)?.inputs ?? {}));
  }
  return { ...pipeline, stages: pipeline.stages.filter(({ name }) => wanted.has(name)) };
}

function noSuchStage(name: string, known: string[]): string {
  const near = nearest(name, known);
  return `no stage "${name}"; ${near ? `did you mean "${near}"?` : `stages: ${known.join(', ')}`}`;
}
