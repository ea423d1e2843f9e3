/** With more than one stage of a kind in a pipeline, the stage's name stands before the metric's: `short/train/loss`. */
export function metricPrefix(stage: { name: string; kind: string }, stages: { name: string; kind: string }[]): string {
  return stages.filter((other) => other.kind === stage.kind).length > 1 ? `${stage.name}/` : '';
}
