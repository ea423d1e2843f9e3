/** The MLflow run that a journal is sent to, found or created, and the lock that admits one sender at a time. */
import { sha256Of } from '../../files/sha256.ts';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { readJournalFrom, recordEndsAt } from '../journal/journal.ts';
import type { RunRecord } from '../journal/journal.ts';
import { createRun, findRun, getRun } from '../mlflow/client.ts';
import { ensureExperiment, getExperiment, restoreExperiment } from '../mlflow/experiment.ts';
import type { MlflowClient, MlflowRun } from '../mlflow/client.ts';
import type { MlflowExperiment } from '../mlflow/experiment.ts';
import { limits } from '../mlflow/values.ts';
import { tryLock } from '../../process/lock.ts';
import type { Lock } from '../../process/lock.ts';
import { markSent, readSent, reviveRuns } from './sent.ts';
import type { SentMark } from './sent.ts';
import { serverName } from '../mlflow/server-name.ts';

export interface RemoteRun {
  lock: Lock;
  /** the server's permanent name, which is the key of its mark */
  server: string;
  first: RunRecord;
  run: MlflowRun;
  experiment: MlflowExperiment;
  mark: SentMark;
  /** number of earlier runs that can be sent again, because their experiment exists once more */
  revived: number;
}

export interface RemoteRunSettings {
  journalPath: string;
  client: MlflowClient;
  warn: (text: string) => void;
  /** restore a deleted experiment (new runs do); otherwise its runs count as gone */
  restoreDeleted: boolean;
}

/**
 * `idle`: the journal has no run yet; `busy`: another process is sending it; `gone`: the run or its experiment was
 * deleted on the server.
 */
export async function openRemoteRun(settings: RemoteRunSettings): Promise<RemoteRun | 'idle' | 'busy' | 'gone'> {
  const { journalPath, client } = settings;
  const first = existsSync(journalPath) ? readJournalFrom(journalPath, 0, 10_000).lines[0]?.record : undefined;
  if (first?.kind !== 'run') return 'idle';
  const server = await serverName(client);
  const lock = tryLock(`${journalPath.replace(/\.jsonl$/, '')}.sending-${sha256Of(server).slice(0, 8)}`);
  if ('heldBy' in lock) return 'busy';
  try {
    const remote =
      (await knownRemoteRun(settings, server, first, lock)) ?? (await newRemoteRun(settings, server, first, lock));
    if (remote === 'gone') lock.release();
    return remote;
  } catch (error) {
    lock.release();
    throw error;
  }
}

export function acknowledge(remote: RemoteRun, journalPath: string, change: Partial<SentMark>): void {
  remote.mark = { ...remote.mark, ...change };
  markSent(journalPath, remote.server, remote.mark);
}

// ---------------------------------------------------------------------------------------------------------------------

async function knownRemoteRun(
  settings: RemoteRunSettings,
  server: string,
  first: RunRecord,
  lock: Lock,
): Promise<RemoteRun | 'gone' | null> {
  const { journalPath, client } = settings;
  const known = readSent(journalPath).servers[server];
  const run = known?.runId ? await getRun(client, known.runId) : null;
  // never sent there, or the address now has another database
  if (!known || !run || ![first.uid, first.continues?.runUid].includes(run.tags.run_uid)) return null;
  const experiment = await getExperiment(client, run.experimentId);
  if (run.deleted || !experiment) {
    markSent(journalPath, server, { ...known, gone: experiment && !experiment.deleted ? 'run' : 'experiment' });
    return 'gone';
  }
  // After a power cut the journal may lack bytes that the server has acknowledged. Then send all of it again; the
  // server ignores points that it already has.
  const offset = recordEndsAt(journalPath, known.offset, known.sum) ? known.offset : 0;
  const remote: RemoteRun = {
    lock,
    server,
    first,
    run,
    experiment,
    mark: { ...known, uri: client.address.base, offset },
    revived: 0,
  };
  acknowledge(remote, journalPath, {});
  return remote;
}

async function newRemoteRun(
  settings: RemoteRunSettings,
  server: string,
  first: RunRecord,
  lock: Lock,
): Promise<RemoteRun | 'gone'> {
  const { journalPath, client } = settings;
  const mark: SentMark = {
    uri: client.address.base,
    experimentId: '',
    runId: '',
    offset: 0,
    sum: '',
    closed: false,
    size: 0,
  };
  const experiment = await restoredIfAsked(settings, first);
  const { experimentId } = experiment;
  if (experiment.deleted) {
    markSent(journalPath, server, { ...mark, experimentId, gone: 'experiment' });
    return 'gone';
  }
  const found = await findRun(client, experimentId, first.uid);
  if (found?.deleted) {
    markSent(journalPath, server, { ...mark, experimentId, gone: 'run' });
    return 'gone';
  }
  const run = found ?? (await continuedOrCreated(client, experimentId, first));
  const remote: RemoteRun = {
    lock,
    server,
    first,
    run,
    experiment,
    mark: { ...mark, experimentId: run.experimentId, runId: run.runId },
    revived: reviveRuns(dirname(dirname(journalPath)), server, experimentId),
  };
  acknowledge(remote, journalPath, {});
  return remote;
}

/**
 * A resumed training goes on in the run that began it. A run that uses a training is a child of that run, below which
 * MLflow's table hides it. If a person has deleted that run, or it was never sent, this one stands for itself.
 */
async function continuedOrCreated(client: MlflowClient, experimentId: string, first: RunRecord): Promise<MlflowRun> {
  const { title, time: startTime, tags, continues } = first;
  const found = continues ? await findRun(client, experimentId, continues.runUid) : null;
  const earlier = found && !found.deleted ? found : null;
  if (earlier && continues?.as === 'training') return earlier;
  const link = earlier ? { 'mlflow.parentRunId': earlier.runId, 'run.kind': 'continuation' } : {};
  return createRun(client, experimentId, { title, startTime, tags: { ...tags, ...link } });
}

async function restoredIfAsked(settings: RemoteRunSettings, first: RunRecord): Promise<MlflowExperiment> {
  const experiment = await ensureExperiment(settings.client, first.experiment.slice(0, limits.experimentName));
  if (!experiment.deleted || !settings.restoreDeleted) return experiment;
  await restoreExperiment(settings.client, experiment.experimentId);
  settings.warn(`the experiment "${experiment.name}" had been deleted on the MLflow server; this run restored it`);
  return { ...experiment, deleted: false };
}
