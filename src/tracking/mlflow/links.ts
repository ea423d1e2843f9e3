/**
 * Links to MLflow's pages. A plain experiment link opens the GenAI page; with `workflowType=machine_learning` it opens
 * the runs. Found by trial and error in 3.17 and 3.18.
 */

const ml = 'workflowType=machine_learning';

export interface ExperimentLocation {
  /** the server's base address */
  uri: string;
  experimentId: string;
}

/** `viewKey`: a saved view, which gives the columns, order, filter and charts. */
export function runsLink(location: ExperimentLocation, viewKey?: string): string {
  return `${experimentLink(location)}/runs?${ml}${viewKey ? `&viewStateShareKey=${encodeURIComponent(viewKey)}` : ''}`;
}

export function chartsLink(location: ExperimentLocation, viewKey?: string): string {
  return `${runsLink(location, viewKey)}&compareRunsMode=CHART`;
}

/** The samples of a sweep's runs, side by side. */
export function samplesLink(location: ExperimentLocation, sweepId: string): string {
  const filter = `tags.\`sweep.id\` = '${sweepId}'`;
  // searchFilter is ignored unless an order is given too
  return `${experimentLink(location)}/runs?${ml}&compareRunsMode=ARTIFACT&searchFilter=${encoded(filter)}&orderByKey=${encodeURIComponent('attributes.start_time')}&orderByAsc=true`;
}

export function runLink(
  location: ExperimentLocation & { runId: string },
  page: '' | 'model-metrics' | `artifacts/${string}` = '',
): string {
  return `${experimentLink(location)}/runs/${location.runId}${page === '' ? '' : `/${page}`}?${ml}`;
}

/** Also encodes single quotes, because terminals end a link there. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/'/g, '%27');
}

function experimentLink({ uri, experimentId }: ExperimentLocation): string {
  return `${uri}/#/experiments/${encodeURIComponent(experimentId)}`;
}
