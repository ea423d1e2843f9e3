/** The data sets that a run reads, in the form that MLflow's own clients write and show. */
import type { DataSetRecord } from '../journal/journal.ts';
import { post } from './client.ts';
import type { MlflowClient } from './client.ts';

type DataSetInput = Omit<DataSetRecord, 'kind'>;

/** The server ignores data sets that the run has, which it tells apart by name and digest. */
export async function logInputs(client: MlflowClient, runId: string, dataSets: DataSetInput[]): Promise<void> {
  if (dataSets.length === 0) return;
  await post(client, 'runs/log-inputs', { run_id: runId, datasets: dataSets.map(wireInput) }, true);
}

// ---------------------------------------------------------------------------------------------------------------------

/** MLflow refuses longer ones; its own clients use eight. */
const digestLetters = 32;

function wireInput({ name, stageKind, digest, context, sizes, columns }: DataSetInput): object {
  const [stage = name] = name.split('/');
  return {
    dataset: {
      name,
      digest: digest.slice(0, digestLetters),
      source_type: 'code',
      source: JSON.stringify({ tags: { stage, kind: stageKind } }),
      schema: JSON.stringify({ mlflow_colspec: columns.map((column) => ({ ...column, required: true })) }),
      profile: JSON.stringify({ ...sizes, sha256: digest }),
    },
    tags: [{ key: 'mlflow.data.context', value: context }],
  };
}
