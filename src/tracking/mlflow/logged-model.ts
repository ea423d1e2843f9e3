/** Models that a run made, as MLflow 3 lists them, and the registry with their versions. */
import { call, get, post } from './client.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError } from './error.ts';
import { legalKey } from './values.ts';

export interface LoggedModel {
  modelId: string;
  artifactUri: string;
  /** all its files are there */
  ready: boolean;
}

/** The model with this digest that a run made; null if there is none. */
export async function findModel(
  client: MlflowClient,
  { experimentId, runId, digest }: { experimentId: string; runId: string; digest: string },
): Promise<LoggedModel | null> {
  const filter = `source_run_id = '${runId}' AND tags.\`${DIGEST_TAG}\` = '${digest.replace(/[^0-9a-f]/g, '')}'`;
  const body = { experiment_ids: [experimentId], filter, max_results: 10 };
  const { models = [] } = (await post(client, 'logged-models/search', body, true)) as { models?: WireModel[] };
  return (
    models.map(modelFrom).sort((a, b) => Number(b.ready) - Number(a.ready) || (a.modelId < b.modelId ? -1 : 1))[0] ??
    null
  );
}

/** Makes a new one with every call: search first. `name`: letters, digits, `-`, `_` */
export async function createModel(
  client: MlflowClient,
  of: { experimentId: string; runId: string; digest: string; name: string; params: Record<string, string> },
): Promise<LoggedModel> {
  const body = {
    experiment_id: of.experimentId,
    name: of.name,
    model_type: 'text-generation',
    source_run_id: of.runId,
    params: Object.entries(of.params).map(([key, value]) => ({ key: legalKey(key), value })),
    tags: [{ key: DIGEST_TAG, value: of.digest }],
  };
  return modelFrom(((await post(client, 'logged-models', body, false)) as { model: WireModel }).model);
}

/** To be called once all files are there. */
export async function finishModel(client: MlflowClient, modelId: string): Promise<void> {
  await call(client, {
    method: 'PATCH',
    path: `/api/2.0/mlflow/logged-models/${encodeURIComponent(modelId)}`,
    body: { model_id: modelId, status: 'LOGGED_MODEL_READY' },
    repeatable: true,
    answers: ({ model }) => typeof model === 'object',
  });
}

/** Shows the model on the page of its run. A second call is no error. */
export async function linkModel(client: MlflowClient, runId: string, modelId: string, step: number): Promise<void> {
  const { run } = (await get(client, 'runs/get', { run_id: runId })) as { run: WireOutputs };
  if ((run.outputs?.model_outputs ?? []).some((output) => output.model_id === modelId)) return;
  await post(client, 'runs/outputs', { run_id: runId, models: [{ model_id: modelId, step }] }, true);
}

/** Adds it to the registry as a version of `name`, unless it is one already. */
export async function registerModel(
  client: MlflowClient,
  { name, modelId, runId }: { name: string; modelId: string; runId: string },
): Promise<void> {
  try {
    await post(client, 'registered-models/create', { name }, true);
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
  }
  const source = `models:/${modelId}`;
  const filter = `name = '${name.replaceAll("'", "''")}'`;
  const query = { filter, max_results: '1000' };
  const { model_versions: versions = [] } = (await get(client, 'model-versions/search', query)) as {
    model_versions?: { source?: string; model_id?: string }[];
  };
  if (versions.some((version) => version.source === source || version.model_id === modelId)) return;
  await post(client, 'model-versions/create', { name, source, run_id: runId, model_id: modelId }, false);
}

/** One level of a model's files. */
export async function modelFiles(
  client: MlflowClient,
  modelId: string,
  folder: string,
): Promise<{ path: string; size: number }[]> {
  const answer = (await call(client, {
    method: 'GET',
    path: `/api/2.0/mlflow/logged-models/${encodeURIComponent(modelId)}/artifacts/directories`,
    query: folder === '' ? {} : { artifact_directory_path: folder },
    repeatable: true,
    answers: ({ root_uri: root }) => typeof root === 'string',
  })) as { files?: { path: string; is_dir?: boolean; file_size?: number }[] };
  return (answer.files ?? [])
    .filter((file) => !file.is_dir)
    .map((file) => ({ path: file.path, size: Number(file.file_size ?? 0) }));
}

// ---------------------------------------------------------------------------------------------------------------------

const DIGEST_TAG = 'checkpoint.sha256';

interface WireModel {
  info: { model_id: string; artifact_uri: string; status: string | number };
}

interface WireOutputs {
  outputs?: { model_outputs?: { model_id: string }[] };
}

function modelFrom({ info }: WireModel): LoggedModel {
  return { modelId: info.model_id, artifactUri: info.artifact_uri, ready: String(info.status).endsWith('READY') };
}
