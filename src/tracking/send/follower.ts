/**
 * Sends a run's journal to MLflow while the run is in progress. It never delays the run: an unreachable server costs
 * one warning.
 */
import { existsSync } from 'node:fs';
import { calledAs } from '../../files/called-as.ts';
import { MlflowAddressError } from '../mlflow/network.ts';
import type { Environment } from '../mlflow/network.ts';
import { openMlflow } from '../mlflow/client.ts';
import type { MlflowClient } from '../mlflow/client.ts';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { preparePage } from '../mlflow/experiment-page.ts';
import { chartsLink, runLink, runsLink } from '../mlflow/links.ts';
import type { RemoteRun } from './remote-run.ts';
import { openSender } from './sender.ts';
import type { Sender } from './sender.ts';
import { markWanted } from './sent.ts';
import { syncJournal } from './sync.ts';
import { runsViewKey, sweepViewKey } from '../mlflow/sweep-view.ts';

export interface FollowerSettings {
  journalPath: string;
  /** the journal of a run that this one continues, which the server must have first */
  before?: string | null;
  uri: string;
  kinds: Kinds;
  warn: (text: string) => void;
  /** called if earlier runs can be sent again, because this run found or restored their deleted experiment */
  onRevived?: () => void;
  env?: Environment;
  /** pause between two reads of the journal */
  idleMs?: number;
}

export interface Follower {
  /** Sends the remaining records, for at most `deadlineMs`; returns how many the server has not received. */
  close(options: { deadlineMs: number }): Promise<{ unsent: number }>;
  /** null until the run exists on the server */
  links(): RunLinks | null;
}

export interface RunLinks {
  run: string;
  /** the sweep's table, or the table of all runs */
  table: string;
  charts: string;
}

export function openFollower(settings: FollowerSettings): Follower {
  const requests = new AbortController();
  const client = clientOrWarning(settings, requests.signal);
  if (!client) return { close: async () => ({ unsent: 0 }), links: () => null };
  markWanted(settings.journalPath, client.address.base);
  const sender = openSender({
    journalPath: settings.journalPath,
    client,
    warn: settings.warn,
    restoreDeleted: true,
    onRemoteRun: async (remote) => {
      if (remote.revived > 0) settings.onRevived?.();
      await preparePage(client, remote.experiment, remote.first, settings.kinds);
    },
  });
  const stopping = { requested: false, wake: () => {} };
  const loop = followUntilStopped(sender, client, settings, requests.signal, stopping);
  let links: RunLinks | null = null;
  return {
    links: () => (links = linksTo(client, sender.remoteRun()) ?? links),
    async close({ deadlineMs }) {
      const deadline = setTimeout(() => requests.abort(new Error('out of time to send to MLflow')), deadlineMs);
      stopping.requested = true;
      stopping.wake();
      await loop;
      clearTimeout(deadline);
      links = linksTo(client, sender.remoteRun()) ?? links;
      const unsent = sender.unsentRecords();
      sender.close();
      return { unsent };
    },
  };
}

export function linksTo(client: MlflowClient, remote: RemoteRun | null): RunLinks | null {
  if (!remote) return null;
  const location = { uri: client.address.base, experimentId: remote.run.experimentId, runId: remote.run.runId };
  const view = remote.first.sweep ? sweepViewKey(remote.first.sweep.id) : runsViewKey;
  return { run: runLink(location), table: runsLink(location, view), charts: chartsLink(location, view) };
}

// ---------------------------------------------------------------------------------------------------------------------

const longestPauseMs = 60_000;

function clientOrWarning(settings: FollowerSettings, signal: AbortSignal): MlflowClient | null {
  try {
    return openMlflow(settings.uri, { signal, ...(settings.env ? { env: settings.env } : {}) });
  } catch (error) {
    settings.warn(error instanceof MlflowAddressError ? error.message : `MLflow: ${String(error)}`);
    return null;
  }
}

const reportedUnreachable = new Set<string>();

/** Every run of a sweep has a follower, so an unreachable server is reported only once per process. */
function reportUnreachable(client: MlflowClient, warn: (text: string) => void, error: unknown): void {
  if (reportedUnreachable.has(client.address.base)) return;
  reportedUnreachable.add(client.address.base);
  const reason = error instanceof Error ? error.message : String(error);
  warn(
    `MLflow: ${reason}. The run continues. Unsent records stay in the journal and are sent later, by the next run or by "${calledAs()} ui".`,
  );
}

/**
 * Sends and waits in a loop, with longer and longer waits after failures. Once asked to stop, it gives a failing server
 * one more try.
 */
async function followUntilStopped(
  sender: Sender,
  client: MlflowClient,
  settings: FollowerSettings,
  aborted: AbortSignal,
  stopping: Stopping,
): Promise<void> {
  let failures = 0;
  let reportedGone = false;
  let before = settings.before === settings.journalPath ? null : settings.before;
  while (!aborted.aborted) {
    const lastTry = stopping.requested && failures > 0;
    try {
      if (before && existsSync(before)) await syncJournal(client, before, settings);
      before = null;
      const state = await sender.sendNext();
      failures = 0;
      if (state === 'more') continue;
      if (state === 'gone' && !reportedGone) {
        reportedGone = true;
        settings.warn(
          'MLflow: this run was deleted on the server, so nothing more is sent. Its journal stays complete.',
        );
      }
      if (stopping.requested) return;
    } catch (error) {
      if (aborted.aborted) return;
      reportUnreachable(client, settings.warn, error);
      failures++;
      if (lastTry) return;
    }
    if (!stopping.requested) await pause(pauseMs(settings.idleMs ?? 1000, failures), stopping);
  }
}

interface Stopping {
  requested: boolean;
  wake: () => void;
}

function pauseMs(idleMs: number, failures: number): number {
  return failures === 0 ? idleMs : Math.min(longestPauseMs, idleMs * 2 ** failures) * (1 + Math.random() / 4);
}

/** The timer does not keep the process alive; a request to stop cuts it short. */
function pause(ms: number, stopping: Stopping): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    timer.unref();
    stopping.wake = () => {
      clearTimeout(timer);
      done();
    };
  });
}
