/**
 * A server's lasting name. The address will not do for our own local server, whose port changes from start to start; so
 * `runner ui` writes a name into the database (a tag on MLflow's experiment 0), and whoever sends there finds it.
 */
import { randomUUID } from 'node:crypto';
import { getExperiment, setExperimentTag } from './experiment.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError } from './error.ts';

const nameTag = 'chat-runner.store';

/** The name in the server's database, else its address. */
export async function serverName(client: MlflowClient): Promise<string> {
  try {
    return (await getExperiment(client, '0'))?.tags[nameTag] ?? client.address.base;
  } catch (error) {
    // experiment 0 may be hidden from us on a shared server
    if (error instanceof MlflowError && (error.status === 400 || error.status === 403 || error.status === 404))
      return client.address.base;
    throw error;
  }
}

/** For a server of our own: gives it a name if it has none. */
export async function nameServer(client: MlflowClient): Promise<string> {
  const name = (await getExperiment(client, '0'))?.tags[nameTag];
  if (name) return name;
  const made = `local-${randomUUID()}`;
  await setExperimentTag(client, '0', nameTag, made);
  return made;
}
