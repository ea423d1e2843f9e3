import { selectStages } from '../../pipeline/select-stages.ts';
import { UsageError } from '../verb.ts';
import type { LoadedFile } from './load-pipeline.ts';

/** The file reduced to the named stages and what they need; without names, all of it. */
export function onlyStages(loaded: LoadedFile, names: string[]): LoadedFile {
  if (names.length === 0) return loaded;
  const points = loaded.points.map((point) => {
    const pipeline = selectStages(point.pipeline, names);
    if ('unknown' in pipeline) throw new UsageError(pipeline.unknown.join('\n'));
    return { ...point, pipeline };
  });
  const kept = new Set(points.flatMap(({ pipeline }) => pipeline.stages.map(({ name }) => name)));
  return { ...loaded, points, missingSources: loaded.missingSources.filter(({ stage }) => kept.has(stage)) };
}
