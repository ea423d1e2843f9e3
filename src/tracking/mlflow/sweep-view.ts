/**
 * Saved views of MLflow's runs page: its columns, order, filter and charts. By default the page shows no metric or
 * param columns. A view is an experiment tag `mlflow.sharedViewState.<key>`; its format is undocumented and was found
 * by trial and error in 3.17 and 3.18. A page that does not understand it shows its plain table.
 */
import { sha256Of } from '../../files/sha256.ts';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { metricPrefix } from '../journal/metric-prefix.ts';
import { legalKey, limits } from './values.ts';

export interface ViewContent {
  name: string;
  /** a condition in MLflow's search language, '' for all runs */
  filter: string;
  /** names as in MLflow */
  params: string[];
  metrics: string[];
  /** `best`: sorted by the first metric, smallest value first */
  order: 'best' | 'newest';
  /** metrics that get a line chart over the steps */
  lines: string[];
  /** params against metrics, one line per run; null for none */
  parallel: { params: string[]; metrics: string[] } | null;
}

export interface SavedView {
  /** for `viewStateShareKey` */
  key: string;
  tag: string;
  value: string;
}

export function sweepViewKey(sweepId: string): string {
  return sha256Of(`sweep ${sweepId}`).slice(0, 16);
}

/** The key of the view of all runs of an experiment. */
export const runsViewKey = 'runs';

export function sweepView(
  sweep: { id: string; params: string[] },
  stages: { name: string; kind: string }[],
  kinds: Kinds,
): SavedView {
  const { columns, lines } = metricsOf(stages, kinds);
  const params = sweep.params.map(legalKey);
  return savedView(sweepViewKey(sweep.id), {
    name: `sweep ${sweep.id}`,
    filter: `tags.\`sweep.id\` = '${sweep.id.replace(/'/g, '')}'`,
    params,
    metrics: columns,
    order: 'best',
    lines,
    parallel: { params, metrics: columns.slice(0, 1) },
  });
}

export function runsView(params: string[], stages: { name: string; kind: string }[], kinds: Kinds): SavedView {
  const { columns, lines } = metricsOf(stages, kinds);
  return savedView(runsViewKey, {
    name: 'runs',
    filter: '',
    params: params.map(legalKey),
    metrics: columns,
    order: 'newest',
    lines,
    parallel: null,
  });
}

/** True for a view of ours that shows no metric, because the runs before had none. */
export function isWithoutMetrics(value: string): boolean {
  try {
    const { createdAt, state } = JSON.parse(value) as { createdAt: number; state: string };
    const { selectedColumns, compareRunCharts } = JSON.parse(state) as {
      selectedColumns: string[];
      compareRunCharts: unknown[];
    };
    return (
      createdAt === 0 && compareRunCharts.length === 0 && !selectedColumns.some((name) => name.startsWith('metrics.'))
    );
  } catch {
    return false; // a user's own
  }
}

/** The state as the page itself writes it when a user shares a view. */
export function savedView(key: string, content: ViewContent): SavedView {
  let fitted = content;
  let value = viewValue(key, fitted);
  while (value.length > limits.experimentTagValue && fitted.params.length > 1) {
    const params = fitted.params.slice(0, -1);
    const parallel = fitted.parallel && { ...fitted.parallel, params: fitted.parallel.params.slice(0, params.length) };
    fitted = Object.assign({}, fitted, { params, parallel });
    value = viewValue(key, fitted);
  }
  return { key, tag: `mlflow.sharedViewState.${key}`, value };
}

// ---------------------------------------------------------------------------------------------------------------------

/** Ordered by kind, so that related metrics are adjacent whatever the order of the stages. */
function metricsOf(stages: { name: string; kind: string }[], kinds: Kinds): { columns: string[]; lines: string[] } {
  const named = (pick: 'trackerColumns' | 'trackerCharts'): string[] =>
    Object.values(kinds).flatMap(({ kind, metrics }) =>
      stages
        .filter((stage) => stage.kind === kind)
        .flatMap((stage) => (metrics?.[pick] ?? []).map((name) => legalKey(metricPrefix(stage, stages) + name))),
    );
  return { columns: named('trackerColumns'), lines: named('trackerCharts') };
}

function viewValue(key: string, content: ViewContent): string {
  return JSON.stringify({ name: content.name, createdAt: 0, state: JSON.stringify(viewState(key, content)) });
}

function viewState(key: string, { filter, params, metrics, order, lines, parallel }: ViewContent): object {
  const first = order === 'best' ? metrics[0] : undefined;
  const section = `${key}-charts`;
  return {
    searchFilter: filter,
    orderByKey: first ? column('metrics', first) : 'attributes.start_time',
    orderByAsc: first !== undefined,
    startTime: 'ALL',
    lifecycleFilter: 'Active',
    modelVersionFilter: 'All Runs',
    datasetsFilter: [],
    selectedColumns: [
      ...params.map((name) => column('params', name)),
      ...metrics.map((name) => column('metrics', name)),
    ],
    runsHiddenMode: 'FIRST_20_RUNS',
    // without charts of ours, the page makes its own of every metric that there is
    ...(lines.length === 0 && parallel === null
      ? {}
      : {
          isAccordionReordered: true,
          compareRunSections: [{ uuid: section, name: 'Losses', display: true, isReordered: true }],
        }),
    compareRunCharts: [
      ...lines.map((name, i) => lineChart(`${key}-line-${i}`, section, name)),
      ...(parallel && parallel.params.length > 0 && parallel.metrics.length > 0
        ? [
            {
              uuid: `${key}-parallel`,
              type: 'PARALLEL',
              runsCountToCompare: 20,
              metricSectionId: section,
              deleted: false,
              isGenerated: false,
              selectedParams: parallel.params,
              selectedMetrics: parallel.metrics,
            },
          ]
        : []),
    ],
  };
}

function lineChart(uuid: string, section: string, name: string): object {
  return {
    uuid,
    type: 'LINE',
    runsCountToCompare: 20,
    metricSectionId: section,
    deleted: false,
    isGenerated: false,
    metricKey: name,
    selectedMetricKeys: [name],
    xAxisKey: 'step',
    selectedXAxisMetricKey: '',
    scaleType: 'linear',
    xAxisScaleType: 'linear',
    lineSmoothness: 0,
    displayPoints: true,
    useGlobalLineSmoothing: true,
    useGlobalXaxisKey: true,
  };
}

function column(sort: 'metrics' | 'params', name: string): string {
  return `${sort}.\`${name}\``;
}
