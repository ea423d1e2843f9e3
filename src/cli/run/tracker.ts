import { calledAs } from '../../files/called-as.ts';
import { join } from 'node:path';
import { counted } from '../../numbers/counted.ts';
import { kinds } from '../../../stages/index.ts';
import type { Continues, Listener } from '../../pipeline/events.ts';
import { openMlflow } from '../../tracking/mlflow/client.ts';
import { pullLabels } from '../../tracking/send/pull-labels.ts';
import { openFollower } from '../../tracking/send/follower.ts';
import type { RunLinks } from '../../tracking/send/follower.ts';
import { openJournal } from '../../tracking/journal/journal.ts';
import { journalListener } from '../../tracking/journal/listen.ts';
import { syncJournals } from '../../tracking/send/sync.ts';
import type { LoadedFile } from '../load/load-pipeline.ts';

/** How long the end of a run waits for a slow server. The rest is sent later. */
const FLUSH_MS = 15_000;
/** The same if the file asks to send a model, which may have gigabytes. */
const MODEL_FLUSH_MS = 1_800_000;

export interface Tracker {
  /** the server; null: runs are only recorded in the journal on disk, which `runner ui` sends later */
  uri: string | null;
  say(text: string): void;
  /** links to the newest run that the server has received */
  links: RunLinks | null;
  unsent: number;
  /** journals that this command's own followers send */
  followed: Set<string>;
  /** sends what earlier runs could not, in the background */
  sendEarlier(): void;
  /** stops sending earlier runs; the next run continues with it */
  close(): void;
}

/**
 * `MLFLOW_TRACKING_URI` takes precedence over the file's `tracking:`. What earlier runs could not send is sent in the
 * background.
 */
export function openTracker({ points, runsDir }: LoadedFile, say: (text: string) => void): Tracker {
  const uri = process.env['MLFLOW_TRACKING_URI'] || points[0]?.pipeline.trackingUri || null;
  const ending = new AbortController();
  let sending = Promise.resolve();
  const tracker: Tracker = {
    uri,
    say,
    links: null,
    unsent: 0,
    followed: new Set(),
    sendEarlier: () =>
      void (sending = sending.then(() =>
        uri ? sendEarlier(uri, runsDir, { signal: ending.signal, followed: tracker.followed }) : undefined,
      )),
    close: () => ending.abort(),
  };
  tracker.sendEarlier();
  return tracker;
}

export interface TrackedRun {
  listen: Listener;
  /** does not throw if the server fails */
  close(): Promise<void>;
}

interface RunToTrack {
  runDir: string;
  runsDir: string;
  continues: Continues | null;
  sendsModel: boolean;
}

/** A run is not held up by its journal: on a full disk it has none, and goes on. */
export function trackRun(tracker: Tracker, run: RunToTrack): TrackedRun {
  try {
    return trackedRun(tracker, run);
  } catch (error) {
    tracker.say(`this run is not tracked: ${(error as Error).message}`);
    return { listen: () => {}, close: async () => {} };
  }
}

/** The lines about tracking at the end of `run`. */
export function trackerLines({ uri, links, unsent }: Tracker, swept: boolean): string[] {
  if (!uri) return [`charts:  ${calledAs()} ui`];
  const waiting = unsent
    ? [`MLflow:  ${counted(unsent, 'record')} not sent yet; the next run or ${calledAs()} ui will send them`]
    : [];
  if (!links) return waiting;
  return [...waiting, ...(swept ? [`table:   ${links.table}`, `charts:  ${links.charts}`] : [`MLflow:  ${links.run}`])];
}

// ---------------------------------------------------------------------------

async function sendEarlier(
  uri: string,
  runsDir: string,
  { signal, followed }: { signal: AbortSignal; followed: ReadonlySet<string> },
): Promise<void> {
  const isFollowed = (path: string): boolean => followed.has(path);
  try {
    await syncJournals({ runsDir, uri, kinds, scope: 'wanted', warn: () => {}, signal, isFollowed });
    await pullLabels(openMlflow(uri, { signal }), runsDir, () => {});
  } catch {
    // an unreachable server or a bad address: the follower of this run reports it
  }
}

function trackedRun(tracker: Tracker, { runDir, runsDir, continues, sendsModel }: RunToTrack): TrackedRun {
  const own = join(runDir, 'journal.jsonl');
  const journal = openJournal(own);
  const before = continues ? join(runsDir, continues.run, 'journal.jsonl') : null;
  // a run that computes nothing is no other training: the server gets the one that did
  const journalPath = continues?.as === 'copy' && before !== null ? before : own;
  for (const path of [journalPath, ...(before === null ? [] : [before])]) tracker.followed.add(path);
  const { uri, say: warn, sendEarlier: onRevived } = tracker;
  const follower = uri ? openFollower({ journalPath, before, uri, kinds, warn, onRevived }) : null;
  return {
    listen: journalListener(journal, kinds),
    async close() {
      try {
        journal.close();
      } catch (error) {
        tracker.say(`the end of the journal may be lost: ${(error as Error).message}`);
      }
      if (!follower) return;
      const { unsent } = await follower.close({ deadlineMs: sendsModel ? MODEL_FLUSH_MS : FLUSH_MS });
      tracker.links = follower.links() ?? tracker.links;
      tracker.unsent += unsent;
    },
  };
}
