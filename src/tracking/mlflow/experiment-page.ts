/**
 * What makes an experiment's page useful at first sight: a note, the metric that matters, and views with columns.
 * Written only where missing.
 */
import type { RunRecord } from '../journal/journal.ts';
import { setExperimentTag } from './experiment.ts';
import type { MlflowClient } from './client.ts';
import type { MlflowExperiment } from './experiment.ts';
import { MlflowError } from './error.ts';
import { metricPrefix } from '../journal/metric-prefix.ts';
import { runsView, sweepView } from './sweep-view.ts';

/** A user who may not change the experiment's page only loses its comfort: refusals are swallowed, outages thrown. */
export async function preparePage(client: MlflowClient, experiment: MlflowExperiment, run: RunRecord): Promise<void> {
  for (const [key, value] of Object.entries(pageTags(experiment, run))) {
    if (experiment.tags[key] === value) continue;
    try {
      await setExperimentTag(client, experiment.experimentId, key, value);
    } catch (error) {
      if (!(error instanceof MlflowError) || error.passing) throw error;
      return;
    }
    experiment.tags[key] = value;
  }
}

/**
 * Params for the columns of the plain view: those that differ between the runs, else a few that tell the size of a
 * training.
 */
export function columnParams(runs: Record<string, string>[], stages: { name: string; kind: string }[]): string[] {
  const names = [...new Set(runs.flatMap((params) => Object.keys(params)))];
  const differing = names.filter((name) => new Set(runs.map((params) => params[name])).size > 1);
  const trains = stages.filter((stage) => stage.kind === 'train').map((stage) => stage.name);
  const telling = names.filter((name) =>
    trains.some((train) => tellingParams.some((param) => name === `${train}.${param}`)),
  );
  // the page sorts its columns by name, so that constants would push the telling ones out of sight
  return (differing.length > 0 ? differing.sort() : telling).slice(0, maxColumns);
}

// ---------------------------------------------------------------------------------------------------------------------

const maxColumns = 8;
const tellingParams = ['steps', 'batchSize', 'schedule.peak', 'model.layers', 'model.width'];

function pageTags(experiment: MlflowExperiment, run: RunRecord): Record<string, string> {
  const tags: Record<string, string> = {};
  const onlyIfMissing = (key: string, value: string): void => {
    if (!experiment.tags[key]) tags[key] = value;
  };
  const train = run.stages.find((stage) => stage.kind === 'train');
  onlyIfMissing(
    'mlflow.note.content',
    `# «${experiment.name}» with chat-runner: a lower eval/loss is better\n\nEach run is one run of a pipeline, sent from its journal. The tag \`run.folder\` names its folder under \`runs/\`, \`sweep.id\` ties the runs of one sweep together; the artifacts hold the resolved \`pipeline.yaml\`, the samples and the report.`,
  );
  if (train) {
    onlyIfMissing('mlflow.experiment.primaryMetric.name', `${metricPrefix(train, run.stages)}eval/loss`);
    onlyIfMissing('mlflow.experiment.primaryMetric.greaterIsBetter', 'False');
  }
  const plain = runsView(columnParams([run.params], run.stages), run.stages);
  onlyIfMissing(plain.tag, plain.value);
  if (run.sweep) {
    const view = sweepView(run.sweep, run.stages);
    tags[view.tag] = view.value;
  }
  return tags;
}
