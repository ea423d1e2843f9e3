/** If a pipeline has several stages of a kind, their metrics begin with the stage's name: `short/train/loss`. */
export function metricPrefix(stage: { name: string; kind: string }, stages: { name: string; kind: string }[]): string {
  return stages.filter((other) => other.kind === stage.kind).length > 1 ? `${stage.name}/` : '';
}
