/**
 * Links into MLflow's pages. A bare experiment link lands on the GenAI page; `workflowType=machine_learning` lands on
 * the runs. Found by trying in the pages of 3.17 and 3.18.
 */

const ml = 'workflowType=machine_learning';

export interface ExperimentAt {
  /** the server's base address */
  uri: string;
  experimentId: string;
}

/** With a saved view, its columns, order, filter and charts. */
export function runsLink(at: ExperimentAt, viewKey?: string): string {
  return `${experiment(at)}/runs?${ml}${viewKey ? `&viewStateShareKey=${encodeURIComponent(viewKey)}` : ''}`;
}

export function chartsLink(at: ExperimentAt, viewKey?: string): string {
  return `${runsLink(at, viewKey)}&compareRunsMode=CHART`;
}

/** The samples of a sweep's runs, side by side. */
export function samplesLink(at: ExperimentAt, sweepId: string): string {
  const filter = `tags.\`sweep.id\` = '${sweepId}'`;
  // searchFilter alone is ignored: it needs an order beside it
  return `${experiment(at)}/runs?${ml}&compareRunsMode=ARTIFACT&searchFilter=${encoded(filter)}&orderByKey=${encodeURIComponent('attributes.start_time')}&orderByAsc=true`;
}

export function runLink(
  at: ExperimentAt & { runId: string },
  page: '' | 'model-metrics' | `artifacts/${string}` = '',
): string {
  return `${experiment(at)}/runs/${at.runId}${page === '' ? '' : `/${page}`}?${ml}`;
}

/** Quotes too: terminals end a link at one. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/'/g, '%27');
}

function experiment({ uri, experimentId }: ExperimentAt): string {
  return `${uri}/#/experiments/${encodeURIComponent(experimentId)}`;
}
