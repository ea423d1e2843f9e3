/** Where a journal's run lives on a server: found again, or made; and the lock that keeps it to one sender. */
import { sha256Of } from '../../files/sha256.ts';
import { existsSync } from 'node:fs';
import { readJournalFrom, recordEndsAt } from '../journal/journal.ts';
import type { RunRecord } from '../journal/journal.ts';
import { createRun, findRun, getRun } from '../mlflow/client.ts';
import { ensureExperiment, getExperiment, restoreExperiment } from '../mlflow/experiment.ts';
import type { MlflowClient, MlflowRun } from '../mlflow/client.ts';
import type { MlflowExperiment } from '../mlflow/experiment.ts';
import { limits } from '../mlflow/values.ts';
import { tryLock } from '../../process/lock.ts';
import type { Lock } from '../../process/lock.ts';
import { markSent, readSent } from './sent.ts';
import type { SentMark } from './sent.ts';
import { serverName } from '../mlflow/server-name.ts';

export interface RunPlace {
  lock: Lock;
  /** the server's lasting name, the key of its mark */
  server: string;
  first: RunRecord;
  run: MlflowRun;
  experiment: MlflowExperiment;
  mark: SentMark;
}

export interface PlaceSettings {
  journalPath: string;
  client: MlflowClient;
  warn: (text: string) => void;
  /** bring a deleted experiment back (a new run asks for it); else its runs count as gone */
  restoreDeleted: boolean;
}

/**
 * `idle`: the journal has no run yet; `busy`: another sender has it; `gone`: the run or its experiment was deleted on
 * the server.
 */
export async function openPlace(settings: PlaceSettings): Promise<RunPlace | 'idle' | 'busy' | 'gone'> {
  const { journalPath, client } = settings;
  const first = existsSync(journalPath) ? readJournalFrom(journalPath, 0, 10_000).lines[0]?.record : undefined;
  if (first?.kind !== 'run') return 'idle';
  const server = await serverName(client);
  const lock = tryLock(`${journalPath.replace(/\.jsonl$/, '')}.sending-${sha256Of(server).slice(0, 8)}`);
  if ('heldBy' in lock) return 'busy';
  try {
    const place = (await knownPlace(settings, server, first, lock)) ?? (await newPlace(settings, server, first, lock));
    if (place === 'gone') lock.release();
    return place;
  } catch (error) {
    lock.release();
    throw error;
  }
}

export function acknowledge(place: RunPlace, journalPath: string, change: Partial<SentMark>): void {
  place.mark = { ...place.mark, ...change };
  markSent(journalPath, place.server, place.mark);
}

// ---------------------------------------------------------------------------------------------------------------------

async function knownPlace(
  settings: PlaceSettings,
  server: string,
  first: RunRecord,
  lock: Lock,
): Promise<RunPlace | 'gone' | null> {
  const { journalPath, client } = settings;
  const known = readSent(journalPath).servers[server];
  const run = known?.runId ? await getRun(client, known.runId) : null;
  if (!known || run?.tags.run_uid !== first.uid) return null; // never sent there, or another database behind the same address
  const experiment = await getExperiment(client, run.experimentId);
  if (run.deleted || !experiment) {
    markSent(journalPath, server, { ...known, gone: true });
    return 'gone';
  }
  // A journal may have lost acknowledged bytes in a power cut; then all of it is sent again, and the server knows its points.
  const offset = recordEndsAt(journalPath, known.offset, known.sum) ? known.offset : 0;
  const place: RunPlace = {
    lock,
    server,
    first,
    run,
    experiment,
    mark: { ...known, uri: client.address.base, offset },
  };
  acknowledge(place, journalPath, {});
  return place;
}

async function newPlace(
  settings: PlaceSettings,
  server: string,
  first: RunRecord,
  lock: Lock,
): Promise<RunPlace | 'gone'> {
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
  const experiment = await liveExperiment(settings, first);
  const found = experiment && (await findRun(client, experiment.experimentId, first.uid));
  if (!experiment || found?.deleted) {
    markSent(journalPath, server, { ...mark, gone: true });
    return 'gone';
  }
  const run =
    found ??
    (await createRun(client, experiment.experimentId, { title: first.title, startTime: first.time, tags: first.tags }));
  const place: RunPlace = {
    lock,
    server,
    first,
    run,
    experiment,
    mark: { ...mark, experimentId: run.experimentId, runId: run.runId },
  };
  acknowledge(place, journalPath, {});
  return place;
}

async function liveExperiment(settings: PlaceSettings, first: RunRecord): Promise<MlflowExperiment | null> {
  const experiment = await ensureExperiment(settings.client, first.experiment.slice(0, limits.experimentName));
  if (!experiment.deleted) return experiment;
  if (!settings.restoreDeleted) return null;
  await restoreExperiment(settings.client, experiment.experimentId);
  settings.warn(`the experiment «${experiment.name}» had been deleted on the MLflow server; this run brought it back`);
  return { ...experiment, deleted: false };
}
