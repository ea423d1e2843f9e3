/** Sends the journals that earlier runs could not send. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { readJournalFrom } from '../journal/journal.ts';
import { preparePage } from '../mlflow/experiment-page.ts';
import type { Environment } from '../mlflow/network.ts';
import { openMlflow } from '../mlflow/client.ts';
import type { MlflowClient } from '../mlflow/client.ts';
import { MlflowError } from '../mlflow/error.ts';
import type { RemoteRun } from './remote-run.ts';
import { openSender } from './sender.ts';
import type { SenderState } from './sender.ts';
import { journalPaths, readSent } from './sent.ts';
import type { SentMark } from './sent.ts';
import { localLabels, sameLabels } from '../labels/exchange-labels.ts';

export interface SyncSettings {
  /** contains one folder per run, each with its journal */
  runsDir: string;
  uri: string;
  kinds: Kinds;
  warn: (text: string) => void;
  /** `wanted`: only runs that should be on this server and are not yet; `all`: every run */
  scope: 'wanted' | 'all';
  env?: Environment;
  signal?: AbortSignal;
  /** true for a journal that has its own follower now */
  isFollowed?: (journalPath: string) => boolean;
  onProgress?: (progress: { done: number; total: number; journalPath: string }) => void;
}

export interface SyncOutcome {
  /** number of journals that are now completely on the server */
  sent: number;
  /** number of journals that are not, or not completely */
  left: number;
  /** why sending ended early: the server is unreachable */
  unreachable: string | null;
}

/**
 * Sends one journal after another. An unreachable server ends this early; a single refusal does not. Never throws
 * because of the server.
 */
export async function syncJournals(settings: SyncSettings): Promise<SyncOutcome> {
  const client = openMlflow(settings.uri, {
    ...(settings.env ? { env: settings.env } : {}),
    ...(settings.signal ? { signal: settings.signal } : {}),
  });
  const due = journalPaths(settings.runsDir).filter(
    (path) => isDue(path, client.address.base, settings.scope) && !isCopy(path),
  );
  const outcome: SyncOutcome = { sent: 0, left: due.length, unreachable: null };
  for (const [index, journalPath] of due.entries()) {
    if (settings.signal?.aborted) break;
    if (settings.isFollowed?.(journalPath)) continue;
    settings.onProgress?.({ done: index, total: due.length, journalPath });
    try {
      if ((await syncJournal(client, journalPath, settings)) !== 'busy') {
        outcome.sent++;
        outcome.left--;
      }
    } catch (error) {
      if (settings.signal?.aborted) break;
      if (!(error instanceof MlflowError)) throw error;
      if (error.status === 0 || error.transient || error.status === 401)
        return { ...outcome, unreachable: error.message };
      settings.warn(`MLflow refused ${journalPath}: ${error.message}`);
    }
  }
  return outcome;
}

/** Sends the records of one journal that the server does not have. */
export async function syncJournal(
  client: MlflowClient,
  journalPath: string,
  { kinds, warn }: Pick<SyncSettings, 'kinds' | 'warn'>,
): Promise<SenderState> {
  const onRemoteRun = (remote: RemoteRun): Promise<void> => preparePage(client, remote.experiment, remote.first, kinds);
  const sender = openSender({ journalPath, client, warn, restoreDeleted: false, onRemoteRun });
  try {
    for (;;) {
      const state = await sender.sendNext();
      if (state === 'more') continue;
      if (state === 'idle') await sender.sendNext(); // ends the run on the server if its process died
      return state;
    }
  } finally {
    sender.close();
  }
}

// ---------------------------------------------------------------------------------------------------------------------

/** Looks only at the disk, so a run that has been sent completely costs no request. */
function isDue(journalPath: string, uri: string, scope: SyncSettings['scope']): boolean {
  const sent = readSent(journalPath);
  const marks = Object.values(sent.servers).filter((mark) => mark.uri === uri);
  const size = statSync(journalPath).size;
  const labels = localLabels(journalPath);
  const isSent = (mark: SentMark): boolean =>
    mark.closed && mark.size === size && sameLabels(labels, mark.labels ?? {});
  if (marks.some((mark) => mark.gone || isSent(mark))) return false;
  return scope === 'all' || marks.length > 0 || sent.wanted.includes(uri);
}

/** The run computed nothing, and the one whose training it has is here and is sent. */
function isCopy(journalPath: string): boolean {
  const first = readJournalFrom(journalPath, 0, 10_000).lines[0]?.record;
  const continues = first?.kind === 'run' ? first.continues : undefined;
  return (
    continues?.as === 'copy' && existsSync(join(dirname(dirname(journalPath)), continues.run, basename(journalPath)))
  );
}
