/**
 * Makes an experiment's page in MLflow useful at first sight: adds a note, the primary metric, and views with columns,
 * where they are missing.
 */
import type { RunRecord } from '../journal/journal.ts';
import { sentParams } from '../journal/sent-params.ts';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { setExperimentTag } from './experiment.ts';
import type { MlflowClient } from './client.ts';
import type { MlflowExperiment } from './experiment.ts';
import { MlflowError } from './error.ts';
import { metricPrefix } from '../journal/metric-prefix.ts';
import { isWithoutMetrics, runsView, sweepView } from './sweep-view.ts';

/** Refusals are ignored, since the page is only a convenience for users who may change it; outages are thrown. */
export async function preparePage(
  client: MlflowClient,
  experiment: MlflowExperiment,
  run: RunRecord,
  kinds: Kinds,
): Promise<void> {
  for (const [key, value] of Object.entries(pageTags(experiment, run, kinds))) {
    if (experiment.tags[key] === value) continue;
    try {
      await setExperimentTag(client, experiment.experimentId, key, value);
    } catch (error) {
      if (!(error instanceof MlflowError) || error.transient) throw error;
      return;
    }
    experiment.tags[key] = value;
  }
}

/** The params shown as columns of the plain view: those that differ between runs, otherwise those that give a size. */
export function columnParams(
  runs: Record<string, string>[],
  stages: { name: string; kind: string }[],
  kinds: Kinds,
): string[] {
  const names = [...new Set(runs.flatMap((params) => Object.keys(params)))];
  const differing = names.filter((name) => new Set(runs.map((params) => params[name])).size > 1);
  const sizes = new Set(
    stages.flatMap(({ name, kind }) => (kinds[kind]?.sizeParams ?? []).map((param) => `${name}.${param}`)),
  );
  // the page sorts its columns by name, so constants would push the informative ones out of view
  return (differing.length > 0 ? differing.sort() : names.filter((name) => sizes.has(name))).slice(0, maxColumns);
}

// ---------------------------------------------------------------------------------------------------------------------

const maxColumns = 8;

function pageTags(experiment: MlflowExperiment, run: RunRecord, kinds: Kinds): Record<string, string> {
  const tags: Record<string, string> = {};
  const onlyIfMissing = (key: string, value: string): void => {
    if (!experiment.tags[key]) tags[key] = value;
  };
  const [anyLoss] = Object.values(kinds).flatMap(({ metrics }) => metrics?.heldOutLoss ?? []);
  const loss = heldOutLoss(run.stages, kinds);
  onlyIfMissing(
    'mlflow.note.content',
    `# ${experiment.name}, with chat-runner${anyLoss === undefined ? '' : `: a lower ${anyLoss} is better`}\n\nEach run is one run of a pipeline, sent from its journal. The tag \`run.folder\` names its folder under \`runs/\`, \`sweep.id\` ties the runs of one sweep together; the artifacts hold the resolved \`pipeline.yaml\`, the samples and the report.`,
  );
  if (loss) {
    onlyIfMissing('mlflow.experiment.primaryMetric.name', `${metricPrefix(loss.stage, run.stages)}${loss.metric}`);
    onlyIfMissing('mlflow.experiment.primaryMetric.greaterIsBetter', 'False');
  }
  const plain = runsView(columnParams([sentParams(run)], run.stages, kinds), run.stages, kinds);
  onlyIfMissing(plain.tag, plain.value);
  if (isWithoutMetrics(experiment.tags[plain.tag] ?? '') && !isWithoutMetrics(plain.value))
    tags[plain.tag] = plain.value;
  if (run.sweep) {
    const view = sweepView(run.sweep, run.stages, kinds);
    tags[view.tag] = view.value;
  }
  return tags;
}

/** The run's first validation loss, in the order of the kinds. */
function heldOutLoss(
  stages: RunRecord['stages'],
  kinds: Kinds,
): { stage: RunRecord['stages'][number]; metric: string } | null {
  for (const { kind, metrics } of Object.values(kinds)) {
    const stage = stages.find((candidate) => candidate.kind === kind);
    if (stage && metrics?.heldOutLoss !== undefined) return { stage, metric: metrics.heldOutLoss };
  }
  return null;
}
