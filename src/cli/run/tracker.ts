import { join } from 'node:path';
import { kinds } from '../../../stages/index.ts';
import type { Listener } from '../../pipeline/events.ts';
import { openFollower } from '../../tracking/send/follower.ts';
import type { RunLinks } from '../../tracking/send/follower.ts';
import { openJournal } from '../../tracking/journal/journal.ts';
import { journalListener } from '../../tracking/journal/listen.ts';
import { syncJournals } from '../../tracking/send/sync.ts';
import type { LoadedFile } from '../load/load-pipeline.ts';

/** How long the end of a run waits for a slow server; what is left then is sent later. */
const FLUSH_MS = 15_000;

export interface Tracker {
  /** the server, or null: then the journal on disk is all, and `runner ui` sends it when it is wanted */
  uri: string | null;
  say(text: string): void;
  /** of the newest run that the server has */
  links: RunLinks | null;
  unsent: number;
  /** ends what is still being sent of earlier runs: the next run goes on with it */
  close(): void;
}

/** `MLFLOW_TRACKING_URI` wins over the file's `tracking:`. What earlier runs could not send goes first, quietly. */
export function openTracker({ points, runsDir }: LoadedFile, say: (text: string) => void): Tracker {
  const uri = process.env['MLFLOW_TRACKING_URI'] || points[0]?.pipeline.trackingUri || null;
  const ending = new AbortController();
  if (uri) void sendEarlier(uri, runsDir, ending.signal);
  return { uri, say, links: null, unsent: 0, close: () => ending.abort() };
}

export interface TrackedRun {
  listen: Listener;
  /** never throws for the server's sake */
  close(): Promise<void>;
}

export function trackRun(tracker: Tracker, runDir: string): TrackedRun {
  const journalPath = join(runDir, 'journal.jsonl');
  const journal = openJournal(journalPath);
  const follower = tracker.uri ? openFollower({ journalPath, uri: tracker.uri, kinds, warn: tracker.say }) : null;
  return {
    listen: journalListener(journal, kinds),
    async close() {
      journal.close();
      if (!follower) return;
      const { unsent } = await follower.close({ deadlineMs: FLUSH_MS });
      tracker.links = follower.links() ?? tracker.links;
      tracker.unsent += unsent;
    },
  };
}

/** What the end of `run` says about tracking. */
export function trackerLines({ uri, links, unsent }: Tracker, swept: boolean): string[] {
  if (!uri) return ['charts:  ./runner ui'];
  const waiting = unsent
    ? [`MLflow:  ${unsent} records wait for the server; the next run or ./runner ui sends them`]
    : [];
  if (!links) return waiting;
  return [...waiting, ...(swept ? [`table:   ${links.table}`, `charts:  ${links.charts}`] : [`MLflow:  ${links.run}`])];
}

// ---------------------------------------------------------------------------

async function sendEarlier(uri: string, runsDir: string, signal: AbortSignal): Promise<void> {
  try {
    await syncJournals({ runsDir, uri, kinds, scope: 'wanted', warn: () => {}, signal });
  } catch {
    // a server that is away, or an address that is none: the run's own follower says so
  }
}
