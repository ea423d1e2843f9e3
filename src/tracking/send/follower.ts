/**
 * MLflow follows a run's journal while the run goes on. It never holds the run up: a server that is away costs one
 * warning.
 */
import { MlflowAddressError } from '../mlflow/address.ts';
import type { Environment } from '../mlflow/address.ts';
import { openMlflow } from '../mlflow/client.ts';
import type { MlflowClient } from '../mlflow/client.ts';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { preparePage } from '../mlflow/experiment-page.ts';
import { chartsLink, runLink, runsLink } from '../mlflow/links.ts';
import type { RunPlace } from './run-place.ts';
import { openSender } from './sender.ts';
import type { Sender } from './sender.ts';
import { markWanted } from './sent.ts';
import { runsViewKey, sweepViewKey } from '../mlflow/sweep-view.ts';

export interface FollowerSettings {
  journalPath: string;
  uri: string;
  kinds: Kinds;
  warn: (text: string) => void;
  env?: Environment;
  /** pause between two looks at the journal */
  idleMs?: number;
}

export interface Follower {
  /** Sends what is left, at most for the time given, and tells how many records the server does not have. */
  close(options: { deadlineMs: number }): Promise<{ unsent: number }>;
  /** null until the server has the run */
  links(): RunLinks | null;
}

export interface RunLinks {
  run: string;
  /** the table: the sweep's, or that of all runs */
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
    onPlace: (place) => preparePage(client, place.experiment, place.first, settings.kinds),
  });
  const ending = { asked: false, wake: () => {} };
  const loop = followUntilEnd(sender, client, settings, requests.signal, ending);
  let links: RunLinks | null = null;
  return {
    links: () => (links = linksTo(client, sender.place()) ?? links),
    async close({ deadlineMs }) {
      const deadline = setTimeout(() => requests.abort(new Error('the time for sending is over')), deadlineMs);
      ending.asked = true;
      ending.wake();
      await loop;
      clearTimeout(deadline);
      links = linksTo(client, sender.place()) ?? links;
      const unsent = sender.unsentRecords();
      sender.close();
      return { unsent };
    },
  };
}

export function linksTo(client: MlflowClient, place: RunPlace | null): RunLinks | null {
  if (!place) return null;
  const at = { uri: client.address.base, experimentId: place.run.experimentId, runId: place.run.runId };
  const view = place.first.sweep ? sweepViewKey(place.first.sweep.id) : runsViewKey;
  return { run: runLink(at), table: runsLink(at, view), charts: chartsLink(at, view) };
}

// ---------------------------------------------------------------------------------------------------------------------

const longestPauseMs = 60_000;

function clientOrWarning(settings: FollowerSettings, signal: AbortSignal): MlflowClient | null {
  try {
    return openMlflow(settings.uri, { signal, ...(settings.env ? { env: settings.env } : {}) });
  } catch (error) {
    if (!(error instanceof MlflowAddressError)) throw error;
    settings.warn(error.message);
    return null;
  }
}

const toldAway = new Set<string>();

/** A sweep has a follower for each of its runs: a server that is away is told once for all of them. */
function tellAway(client: MlflowClient, warn: (text: string) => void, error: unknown): void {
  if (toldAway.has(client.address.base)) return;
  toldAway.add(client.address.base);
  const reason = error instanceof Error ? error.message : String(error);
  warn(
    `MLflow: ${reason}. The run goes on; what the server misses stays in the journal and is sent later («runner ui», or the next run).`,
  );
}

/**
 * Sends, waits, sends; after a failure it waits longer and longer. When the end is asked for, a server that is away
 * gets one more try.
 */
async function followUntilEnd(
  sender: Sender,
  client: MlflowClient,
  settings: FollowerSettings,
  aborted: AbortSignal,
  ending: Ending,
): Promise<void> {
  let failures = 0;
  let toldGone = false;
  while (!aborted.aborted) {
    const lastTry = ending.asked && failures > 0;
    try {
      const state = await sender.sendNext();
      failures = 0;
      if (state === 'more') continue;
      if (state === 'gone' && !toldGone) {
        toldGone = true;
        settings.warn(
          'MLflow: this run was deleted on the server; it is not sent any more. Its journal stays complete.',
        );
      }
      if (ending.asked) return;
    } catch (error) {
      if (aborted.aborted) return;
      tellAway(client, settings.warn, error);
      failures++;
      if (lastTry) return;
    }
    if (!ending.asked) await pause(pauseMs(settings.idleMs ?? 1000, failures), ending);
  }
}

interface Ending {
  asked: boolean;
  wake: () => void;
}

function pauseMs(idleMs: number, failures: number): number {
  return failures === 0 ? idleMs : Math.min(longestPauseMs, idleMs * 2 ** failures) * (1 + Math.random() / 4);
}

/** The timer does not keep the process alive; asking for the end cuts it short. */
function pause(ms: number, ending: Ending): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    timer.unref();
    ending.wake = () => {
      clearTimeout(timer);
      done();
    };
  });
}
