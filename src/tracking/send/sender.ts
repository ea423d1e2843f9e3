/**
 * Sends one journal to one server, in order, in portions. A portion can safely be sent twice, so a process that is
 * killed between two calls neither loses nor duplicates anything: the run is found by its tag `run_uid`, the server
 * ignores points that it has, params and tags keep their values, and files are overwritten.
 */
import { statSync } from 'node:fs';
import { readJournal, readJournalFrom } from '../journal/journal.ts';
import type { JournalPart, RunRecord } from '../journal/journal.ts';
import { exchangeLabels, localLabels, sameLabels } from '../labels/exchange-labels.ts';
import { getRun, updateRun } from '../mlflow/client.ts';
import type { MlflowRun } from '../mlflow/client.ts';
import { MlflowError } from '../mlflow/error.ts';
import { mayBeAlive } from '../../process/process-mark.ts';
import { acknowledge, openRemoteRun } from './remote-run.ts';
import type { RemoteRunSettings, RemoteRun } from './remote-run.ts';
import { refusalsTo, sendRecords } from './send-records.ts';
import { readSent } from './sent.ts';

/**
 * `more`: records remain; `idle`: everything is sent; `busy`: another process is sending it; `gone`: the run was
 * deleted on the server.
 */
export type SenderState = 'more' | 'idle' | 'busy' | 'gone';

export interface Sender {
  /** Sends the next portion. Throws MlflowError; the next call then sends the same portion again. */
  sendNext(): Promise<SenderState>;
  /** number of records that the server has not acknowledged; 0 for a deleted run */
  unsentRecords(): number;
  /** null until the run has been found or created */
  remoteRun(): RemoteRun | null;
  close(): void;
}

export interface SenderSettings extends RemoteRunSettings {
  /** called when the run has been found or created, before its points are sent */
  onRemoteRun?: (remote: RemoteRun) => Promise<void>;
}

const portionBytes = 200_000;

export function openSender(settings: SenderSettings): Sender {
  const { journalPath, client } = settings;
  const refuse = refusalsTo(settings.warn);
  let remote: RemoteRun | null = null;
  let gone = false;

  async function sendNext(): Promise<SenderState> {
    if (gone) return 'gone';
    if (!remote) {
      const found = await openRemoteRun(settings);
      if (typeof found === 'string') {
        gone = found === 'gone';
        return found;
      }
      remote = found;
      await settings.onRemoteRun?.(remote);
      await exchange(remote, remote.run);
    }
    const part = readJournalFrom(journalPath, remote.mark.offset, portionBytes);
    const last = part.lines.at(-1);
    if (!last) {
      if (!sameLabels(localLabels(journalPath), remote.mark.labels ?? {})) await exchangeAgain(remote);
      return await closeDeadRun(remote, settings);
    }
    try {
      await sendRecords(
        { client, run: remote.run, journalPath, refuse },
        part.lines.map((line) => line.record),
      );
    } catch (error) {
      await checkRemoteRun(remote, error);
      throw error;
    }
    const size = sizeOf(journalPath);
    acknowledge(remote, journalPath, {
      offset: last.end,
      sum: last.sum,
      closed: closedAfter(part, remote.mark.closed),
      size: part.end < size ? remote.mark.size : size,
    });
    return part.end < size ? 'more' : 'idle';
  }

  async function exchange(current: RemoteRun, run: MlflowRun): Promise<void> {
    const { labels: agreed = {} } = current.mark;
    const labels = await exchangeLabels(client, run, { journalPath, agreed }, refuse);
    if (!current.mark.labels || !sameLabels(labels, agreed)) acknowledge(current, journalPath, { labels });
  }

  async function exchangeAgain(current: RemoteRun): Promise<void> {
    const run = await getRun(client, current.run.runId);
    if (run && !run.deleted) await exchange(current, run);
  }

  /** A run that vanished (the address now has another database) is searched for again; a deleted one is left alone. */
  async function checkRemoteRun(current: RemoteRun, error: unknown): Promise<void> {
    if (!(error instanceof MlflowError) || (error.status !== 400 && error.status !== 404)) return;
    const run = await getRun(client, current.run.runId);
    if (run && !run.deleted) return;
    gone = run !== null;
    close();
  }

  function close(): void {
    remote?.lock.release();
    remote = null;
  }

  return {
    sendNext,
    unsentRecords: () =>
      gone ? 0 : recordsAfter(journalPath, remote?.mark.offset ?? lastOffsetAt(journalPath, client.address.base)),
    remoteRun: () => remote,
    close,
  };
}

// ---------------------------------------------------------------------------------------------------------------------

/** A killed process cannot end its run on the server, so the next sender does. */
async function closeDeadRun(remote: RemoteRun, { client, journalPath }: SenderSettings): Promise<'idle'> {
  if (remote.mark.closed || mayBeAlive(lastWriter(journalPath) ?? remote.first.writer)) return 'idle';
  await updateRun(client, remote.run.runId, { status: 'KILLED', endTime: Math.round(statSync(journalPath).mtimeMs) });
  acknowledge(remote, journalPath, { closed: true, size: sizeOf(journalPath) });
  return 'idle';
}

function lastWriter(journalPath: string): RunRecord['writer'] | undefined {
  return readJournal(journalPath)
    .lines.flatMap(({ record }) => (record.kind === 'run' ? [record.writer] : []))
    .at(-1);
}

function closedAfter(part: JournalPart, before: boolean): boolean {
  const last = part.lines.map((line) => line.record.kind).findLast((kind) => kind === 'run' || kind === 'end');
  return last === undefined ? before : last === 'end';
}

/** The offset that a server at this address last acknowledged, for use before the server has been reached. */
function lastOffsetAt(journalPath: string, uri: string): number {
  return Math.max(
    0,
    ...Object.values(readSent(journalPath).servers)
      .filter((mark) => mark.uri === uri)
      .map((mark) => mark.offset),
  );
}

function recordsAfter(journalPath: string, offset: number): number {
  const size = sizeOf(journalPath);
  return size > offset ? readJournalFrom(journalPath, offset, size - offset).lines.length : 0;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
