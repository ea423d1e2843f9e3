/** Sends a trained model, which happens only where the pipeline file asks for it: it can recite private chats. */
import { existsSync, openAsBlob, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../../files/read-file.ts';
import type { JournalRecord } from '../journal/journal.ts';
import { MlflowError } from '../mlflow/error.ts';
import { putModelFile } from '../mlflow/artifact.ts';
import type { MlflowClient, MlflowRun } from '../mlflow/client.ts';
import { createModel, findModel, finishModel, linkModel, registerModel } from '../mlflow/logged-model.ts';
import type { LoggedModel } from '../mlflow/logged-model.ts';
import { modelTexts } from '../mlflow/ml-model.ts';
import { RefusedValue } from '../mlflow/values.ts';

type ModelRecord = Extract<JournalRecord, { kind: 'model' }>;

/**
 * Can be repeated: a model is found by the digest of its checkpoint. Throws RefusedValue if its files are gone, and
 * MlflowError.
 */
export async function sendModel(client: MlflowClient, run: MlflowRun, record: ModelRecord): Promise<void> {
  const { dir, digest, name, register } = record;
  const config = readJson<ModelConfig>(join(dir, 'config.json'));
  if (!existsSync(join(dir, 'model.safetensors')) || config === null)
    throw new RefusedValue('its files are no longer in the store');
  const { architectures: [architecture = 'AutoModelForCausalLM'] = [] } = config;
  const context = config.n_positions ?? config.max_position_embeddings ?? null;
  const { experimentId } = run;
  // a run that only uses a training shows the model where it was trained
  const runId = run.tags['mlflow.parentRunId'] ?? run.runId;
  const { step = 0, validationLoss } =
    readJson<{ step?: number; validationLoss?: number | null }>(join(dir, 'training.json')) ?? {};
  const params = {
    step: String(step),
    ...(typeof validationLoss === 'number' ? { validation_loss: String(validationLoss) } : {}),
  };
  const model =
    (await findModel(client, { experimentId, runId, digest }).catch(asRefusal)) ??
    (await createModel(client, { experimentId, runId, digest, name, params }));
  if (!model.ready) {
    await putFiles(client, model, { dir, runId, architecture, context });
    await finishModel(client, model.modelId);
  }
  await linkModel(client, runId, model.modelId, step);
  if (register !== null) await registerModel(client, { name: register, modelId: model.modelId, runId });
}

// ---------------------------------------------------------------------------------------------------------------------

/** What a `config.json` of transformers may say. */
interface ModelConfig {
  architectures?: string[];
  n_positions?: number;
  max_position_embeddings?: number;
}

/** MLflow 2 and light servers keep no models. */
function asRefusal(error: unknown): never {
  if (error instanceof MlflowError && (error.status === 404 || error.status === 501))
    throw new RefusedValue('the server keeps no models; MLflow does from version 3.0 on');
  throw error;
}

/** Files of the tokenizer; everything else but our own record is the model's. */
const TOKENIZER = /^(vocab\.json|merges\.txt|tokenizer.*\.json|special_tokens_map\.json)$/;

async function putFiles(
  client: MlflowClient,
  model: LoggedModel,
  { dir, ...about }: { dir: string; runId: string; architecture: string; context: number | null },
): Promise<void> {
  const { tokenizer_class: tokenizer = 'GPT2Tokenizer' } =
    readJson<{ tokenizer_class?: string }>(join(dir, 'tokenizer_config.json')) ?? {};
  let bytes = 0;
  for (const file of readdirSync(dir).sort()) {
    if (file === 'training.json') continue;
    bytes += statSync(join(dir, file)).size;
    const path = TOKENIZER.test(file) ? `components/tokenizer/${file}` : `model/${file}`;
    await putModelFile(client, model, path, await openAsBlob(join(dir, file)));
  }
  const described = { modelId: model.modelId, ...about, tokenizer, bytes, time: Date.now() };
  for (const [path, text] of Object.entries(modelTexts(described)))
    await putModelFile(client, model, path, new Blob([text]));
}
