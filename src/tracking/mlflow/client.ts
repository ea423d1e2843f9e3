/**
 * The part of MLflow's REST API that a training run needs (versions 2.17 to 3.18). Every value is checked before it is
 * sent. MLflow omits empty lists from its responses and writes int64 as JSON numbers.
 */
import { limits, paramValue, tagValue, legalKey } from './values.ts';
import type { MetricPoint } from './values.ts';
import { answersOf } from './answers.ts';
import type { Route } from './answers.ts';
import { mlflowAddress } from './address.ts';
import type { MlflowAddress } from './address.ts';
import type { Environment } from './network.ts';
import { MlflowError } from './error.ts';
import { requestJson } from './request.ts';
import type { MlflowRequest } from './request.ts';

export interface MlflowClient {
  address: MlflowAddress;
  signal: AbortSignal | undefined;
}

export interface MlflowRun {
  runId: string;
  experimentId: string;
  artifactUri: string;
  deleted: boolean;
  status: string;
  tags: Record<string, string>;
  params: Record<string, string>;
}

export interface NewRun {
  title: string;
  /** milliseconds since 1970; MLflow would store 0 if it were missing */
  startTime: number;
  tags: Record<string, string>;
}

/** Throws MlflowAddressError for a URI or settings that are not supported. `signal` aborts every request. */
export function openMlflow(uri: string, options: { env?: Environment; signal?: AbortSignal } = {}): MlflowClient {
  return { address: mlflowAddress(uri, options.env ?? process.env), signal: options.signal };
}

/** null if not found; also finds deleted runs. */
export async function getRun(client: MlflowClient, runId: string): Promise<MlflowRun | null> {
  try {
    return runFrom(((await get(client, 'runs/get', { run_id: runId })) as { run: WireRun }).run);
  } catch (error) {
    if (error instanceof MlflowError && error.code === 'RESOURCE_DOES_NOT_EXIST') return null;
    throw error;
  }
}

/** Finds a run by our own tag, because the server chooses the ids. Also finds deleted runs. */
export async function findRun(client: MlflowClient, experimentId: string, uid: string): Promise<MlflowRun | null> {
  const filter = `tags.\`run_uid\` = '${uid.replace(/[^\w-]/g, '')}'`;
  const answer = (await post(
    client,
    'runs/search',
    { experiment_ids: [experimentId], filter, run_view_type: 'ALL', max_results: 10 },
    true,
  )) as { runs?: WireRun[] };
  const runs = (answer.runs ?? []).map(runFrom).sort((a, b) => (a.runId < b.runId ? -1 : 1));
  return runs.find((run) => !run.deleted) ?? runs[0] ?? null;
}

/**
 * Creates a new run with every call, so it is never retried automatically: call `findRun` first, and again after an
 * error.
 */
export async function createRun(client: MlflowClient, experimentId: string, run: NewRun): Promise<MlflowRun> {
  const title = run.title.slice(0, limits.runName);
  const body = {
    experiment_id: experimentId,
    start_time: run.startTime,
    run_name: title,
    tags: wireTags({ ...run.tags, 'mlflow.runName': title }).slice(0, limits.batchTags),
  };
  return runFrom(((await post(client, 'runs/create', body, false)) as { run: WireRun }).run);
}

export async function updateRun(
  client: MlflowClient,
  runId: string,
  change: { status: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED'; endTime?: number },
): Promise<void> {
  await post(
    client,
    'runs/update',
    { run_id: runId, status: change.status, ...(change.endTime === undefined ? {} : { end_time: change.endTime }) },
    true,
  );
}

/**
 * Sends at most `limits.batchMetrics` points. The server recognizes a point by its name, step, time and value, so
 * points can safely be sent twice. Before MLflow 3.16 this fails for NaN, so those are sent in a separate request,
 * where the error "not unique" means that the server already has them.
 */
export async function logMetrics(client: MlflowClient, runId: string, points: MetricPoint[]): Promise<void> {
  const finite = points.filter((point) => typeof point.value === 'number');
  const others = points.filter((point) => typeof point.value !== 'number');
  if (finite.length > 0) await post(client, 'runs/log-batch', { run_id: runId, metrics: finite }, true);
  if (others.length === 0) return;
  try {
    await post(client, 'runs/log-batch', { run_id: runId, metrics: others }, true);
  } catch (error) {
    if (!(error instanceof MlflowError && error.status === 400 && /unique/i.test(error.message))) throw error;
  }
}

export async function logParams(client: MlflowClient, runId: string, params: Record<string, string>): Promise<void> {
  const wire = wireParams(params);
  for (let i = 0; i < wire.length; i += limits.batchParams) {
    await post(client, 'runs/log-batch', { run_id: runId, params: wire.slice(i, i + limits.batchParams) }, true);
  }
}

export async function setTags(client: MlflowClient, runId: string, tags: Record<string, string>): Promise<void> {
  const wire = wireTags(tags);
  for (let i = 0; i < wire.length; i += limits.batchTags) {
    await post(client, 'runs/log-batch', { run_id: runId, tags: wire.slice(i, i + limits.batchTags) }, true);
  }
}

/** A tag that is not there is no error. */
export async function deleteTag(client: MlflowClient, runId: string, key: string): Promise<void> {
  try {
    await post(client, 'runs/delete-tag', { run_id: runId, key }, true);
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error;
  }
}

/** Every run of an experiment that is not deleted, newest first. */
export async function allRuns(client: MlflowClient, experimentId: string): Promise<MlflowRun[]> {
  const runs: MlflowRun[] = [];
  let token: string | undefined;
  do {
    const page = (await post(
      client,
      'runs/search',
      {
        experiment_ids: [experimentId],
        max_results: 1000,
        order_by: ['attributes.start_time DESC'],
        ...(token ? { page_token: token } : {}),
      },
      true,
    )) as { runs?: WireRun[]; next_page_token?: string };
    runs.push(...(page.runs ?? []).map(runFrom));
    token = page.next_page_token;
  } while (token);
  return runs;
}

/** One level of a run's artifacts, paths relative to the run. */
export async function listArtifacts(
  client: MlflowClient,
  runId: string,
  folder: string,
): Promise<{ path: string; size: number }[]> {
  const query = { run_id: runId, ...(folder === '' ? {} : { path: folder }) };
  const answer = (await get(client, 'artifacts/list', query)) as {
    files?: { path: string; is_dir?: boolean; file_size?: number }[];
  };
  return (answer.files ?? [])
    .filter((file) => !file.is_dir)
    .map((file) => ({ path: file.path, size: Number(file.file_size ?? 0) }));
}

/** Sends a request to the client's server with the client's signal; for the modules in this folder. */
export function call(client: MlflowClient, request: Omit<MlflowRequest, 'signal'>): Promise<unknown> {
  return requestJson(client.address, { ...request, signal: client.signal });
}

export function get(client: MlflowClient, route: Route, query: Record<string, string>): Promise<unknown> {
  const path = `/api/2.0/mlflow/${route}`;
  return call(client, { method: 'GET', path, query, repeatable: true, answers: answersOf[route] });
}

/** `repeatable`: false if every call creates something new. */
export function post(client: MlflowClient, route: Route, body: object, repeatable: boolean): Promise<unknown> {
  const path = `/api/2.0/mlflow/${route}`;
  return call(client, { method: 'POST', path, body, repeatable, answers: answersOf[route] });
}

export function tagMap(tags: { key: string; value: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map((tag) => [tag.key, tag.value]));
}

// ---------------------------------------------------------------------------------------------------------------------

interface WireRun {
  info: { run_id: string; experiment_id: string; artifact_uri: string; lifecycle_stage: string; status: string };
  data?: { tags?: { key: string; value: string }[]; params?: { key: string; value: string }[] };
}

function runFrom(wire: WireRun): MlflowRun {
  const {
    run_id: runId,
    experiment_id: experimentId,
    artifact_uri: artifactUri,
    lifecycle_stage: stage,
    status,
  } = wire.info;
  const tags = tagMap(wire.data?.tags);
  const params = tagMap(wire.data?.params);
  return { runId, experimentId, artifactUri, deleted: stage === 'deleted', status, tags, params };
}

function wireTags(tags: Record<string, string>): { key: string; value: string }[] {
  return unique(Object.entries(tags).map(([key, value]) => ({ key: legalKey(key), value: tagValue(value) })));
}

function wireParams(params: Record<string, string>): { key: string; value: string }[] {
  return unique(Object.entries(params).map(([key, value]) => ({ key: legalKey(key), value: paramValue(value) })));
}

/** Two names may become equal when their illegal characters are replaced; the server refuses duplicate names. */
function unique<T extends { key: string }>(entries: T[]): T[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}
