/** MLflow's experiments, which group runs. */
import { get, post, tagMap } from './client.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError } from './error.ts';

export interface MlflowExperiment {
  experimentId: string;
  name: string;
  deleted: boolean;
  tags: Record<string, string>;
}

export async function getExperiment(client: MlflowClient, experimentId: string): Promise<MlflowExperiment | null> {
  return experimentOrNull(get(client, 'experiments/get', { experiment_id: experimentId }));
}

/** Also finds deleted experiments. */
export async function experimentByName(client: MlflowClient, name: string): Promise<MlflowExperiment | null> {
  return experimentOrNull(get(client, 'experiments/get-by-name', { experiment_name: name }));
}

/** Finds or creates it, even if others create it at the same moment. A deleted one is returned as it is. */
export async function ensureExperiment(client: MlflowClient, name: string): Promise<MlflowExperiment> {
  const found = await experimentByName(client, name);
  if (found) return found;
  try {
    await post(client, 'experiments/create', { name }, true);
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code === 'INVALID_PARAMETER_VALUE') throw error;
    const created = await experimentByName(client, name);
    if (created) return created;
    throw error;
  }
  const created = await experimentByName(client, name);
  if (!created)
    throw new MlflowError(`${client.address.base} created the experiment "${name}" but cannot find it`, {
      status: 0,
      transient: true,
    });
  return created;
}

export async function restoreExperiment(client: MlflowClient, experimentId: string): Promise<void> {
  await post(client, 'experiments/restore', { experiment_id: experimentId }, true);
}

export async function setExperimentTag(
  client: MlflowClient,
  experimentId: string,
  key: string,
  value: string,
): Promise<void> {
  await post(client, 'experiments/set-experiment-tag', { experiment_id: experimentId, key, value }, true);
}

// ---------------------------------------------------------------------------------------------------------------------

interface WireExperiment {
  experiment_id: string;
  name: string;
  lifecycle_stage: string;
  tags?: { key: string; value: string }[];
}

async function experimentOrNull(answer: Promise<unknown>): Promise<MlflowExperiment | null> {
  try {
    const { experiment } = (await answer) as { experiment: WireExperiment };
    return {
      experimentId: experiment.experiment_id,
      name: experiment.name,
      deleted: experiment.lifecycle_stage === 'deleted',
      tags: tagMap(experiment.tags),
    };
  } catch (error) {
    if (error instanceof MlflowError && error.code === 'RESOURCE_DOES_NOT_EXIST') return null;
    throw error;
  }
}
