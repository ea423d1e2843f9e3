/**
 * A server's permanent name. The address is not enough for our own local server, whose port changes between starts, so
 * `runner ui` writes a name into the database (a tag on MLflow's experiment 0), where senders find it.
 */
import { randomUUID } from 'node:crypto';
import { getExperiment, setExperimentTag } from './experiment.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError } from './error.ts';

const nameTag = 'chat-runner.store';

/** The name in the server's database, otherwise its address. */
export async function serverName(client: MlflowClient): Promise<string> {
  try {
    return (await getExperiment(client, '0'))?.tags[nameTag] ?? client.address.base;
  } catch (error) {
    // on a shared server we may have no access to experiment 0
    if (error instanceof MlflowError && (error.status === 400 || error.status === 403 || error.status === 404))
      return client.address.base;
    throw error;
  }
}

/** Gives our own server a name if it has none. */
export async function nameServer(client: MlflowClient): Promise<string> {
  const name = (await getExperiment(client, '0'))?.tags[nameTag];
  if (name) return name;
  const newName = `local-${randomUUID()}`;
  await setExperimentTag(client, '0', nameTag, newName);
  return newName;
}
