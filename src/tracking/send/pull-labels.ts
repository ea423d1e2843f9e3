/** Fetches what people have changed in MLflow about runs that are there already: description, notes and tags. */
import { exchangeLabels, localLabels, remoteLabels, sameLabels } from '../labels/exchange-labels.ts';
import { allRuns } from '../mlflow/client.ts';
import type { MlflowClient } from '../mlflow/client.ts';
import { MlflowError } from '../mlflow/error.ts';
import { journalPaths, markSent, readSent } from './sent.ts';
import type { SentMark } from './sent.ts';

/** One request for each experiment. An unreachable server is no error: the next call fetches the same. */
export async function pullLabels(client: MlflowClient, runsDir: string, warn: (text: string) => void): Promise<void> {
  const sent = new Map<string, { journalPath: string; server: string; mark: SentMark }>();
  for (const journalPath of journalPaths(runsDir))
    for (const [server, mark] of Object.entries(readSent(journalPath).servers))
      if (mark.uri === client.address.base && mark.labels && !mark.gone)
        sent.set(mark.runId, { journalPath, server, mark });
  try {
    for (const experimentId of new Set([...sent.values()].map(({ mark }) => mark.experimentId)))
      for (const run of await allRuns(client, experimentId)) {
        const known = sent.get(run.runId);
        if (!known) continue;
        const { journalPath, server, mark } = known;
        const { labels: agreed = {} } = mark;
        if (sameLabels(remoteLabels(run), agreed) && sameLabels(localLabels(journalPath), agreed)) continue;
        const labels = await exchangeLabels(client, run, { journalPath, agreed }, (_, text) => warn(text));
        const now = readSent(journalPath).servers[server];
        if (now) markSent(journalPath, server, { ...now, labels });
      }
  } catch (error) {
    if (!(error instanceof MlflowError)) throw error;
  }
}
