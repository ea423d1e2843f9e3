/** Sends what earlier runs could not. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { preparePage } from '../mlflow/experiment-page.ts';
import type { Environment } from '../mlflow/address.ts';
import { openMlflow } from '../mlflow/client.ts';
import type { MlflowClient } from '../mlflow/client.ts';
import { MlflowError } from '../mlflow/error.ts';
import type { RunPlace } from './run-place.ts';
import { openSender } from './sender.ts';
import type { SenderState } from './sender.ts';
import { readSent } from './sent.ts';

export interface SyncSettings {
  /** holds one folder per run, each with its journal */
  runsDir: string;
  uri: string;
  kinds: Kinds;
  warn: (text: string) => void;
  /** `wanted`: only runs that were meant for this server and did not get there; `all`: every run */
  scope: 'wanted' | 'all';
  env?: Environment;
  signal?: AbortSignal;
  /** a journal to leave alone: the run that is under way has its own follower */
  except?: string;
  onProgress?: (done: { journals: number; of: number; journalPath: string }) => void;
}

export interface SyncOutcome {
  /** journals that were looked at and are now completely there */
  sent: number;
  /** journals that are not, or not completely */
  left: number;
  /** why the sending ended early: a server that is away */
  away: string | null;
}

/** The journals under a runs folder, oldest first. Links (`latest`) are not followed. */
export function journalPaths(runsDir: string): string[] {
  if (!existsSync(runsDir)) return [];
  return readdirSync(runsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(runsDir, entry.name, 'journal.jsonl'))
    .filter((path) => existsSync(path))
    .sort();
}

/**
 * One journal after the other; a server that is away ends it, a single refusal does not. Never throws for the server's
 * sake.
 */
export async function syncJournals(settings: SyncSettings): Promise<SyncOutcome> {
  const client = openMlflow(settings.uri, {
    ...(settings.env ? { env: settings.env } : {}),
    ...(settings.signal ? { signal: settings.signal } : {}),
  });
  const due = journalPaths(settings.runsDir).filter(
    (path) => path !== settings.except && isDue(path, client.address.base, settings.scope),
  );
  const outcome: SyncOutcome = { sent: 0, left: due.length, away: null };
  for (const [index, journalPath] of due.entries()) {
    if (settings.signal?.aborted) break;
    settings.onProgress?.({ journals: index, of: due.length, journalPath });
    try {
      if ((await syncJournal(client, journalPath, settings)) !== 'busy') {
        outcome.sent++;
        outcome.left--;
      }
    } catch (error) {
      if (settings.signal?.aborted) break;
      if (!(error instanceof MlflowError)) throw error;
      if (error.status === 0 || error.passing || error.status === 401) return { ...outcome, away: error.message };
      settings.warn(`MLflow did not take ${journalPath}: ${error.message}`);
    }
  }
  return outcome;
}

/** Sends all that one journal holds and the server has not. */
export async function syncJournal(
  client: MlflowClient,
  journalPath: string,
  { kinds, warn }: Pick<SyncSettings, 'kinds' | 'warn'>,
): Promise<SenderState> {
  const onPlace = (place: RunPlace): Promise<void> => preparePage(client, place.experiment, place.first, kinds);
  const sender = openSender({ journalPath, client, warn, restoreDeleted: false, onPlace });
  try {
    for (;;) {
      const state = await sender.sendNext();
      if (state === 'more') continue;
      if (state === 'idle') await sender.sendNext(); // sees a run whose process died, and ends it
      return state;
    }
  } finally {
    sender.close();
  }
}

// ---------------------------------------------------------------------------------------------------------------------

/** Told from the disk alone: a run that is completely there costs no request. */
function isDue(journalPath: string, uri: string, scope: SyncSettings['scope']): boolean {
  const sent = readSent(journalPath);
  const marks = Object.values(sent.servers).filter((mark) => mark.uri === uri);
  const size = statSync(journalPath).size;
  if (marks.some((mark) => mark.gone || (mark.closed && mark.size === size))) return false;
  return scope === 'all' || marks.length > 0 || sent.wanted.includes(uri);
}
