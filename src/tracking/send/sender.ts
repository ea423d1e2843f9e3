/**
 * Sends one journal to one server, in order, a portion at a time. Every portion may be sent twice without harm, so a
 * death between any two calls loses and doubles nothing: the run is found again by its tag `run_uid`, points are known
 * again by the server, params and tags are the same, files overwrite themselves.
 */
import { statSync } from 'node:fs';
import { readJournal, readJournalFrom } from '../journal/journal.ts';
import type { JournalPart, RunRecord } from '../journal/journal.ts';
import { getRun, updateRun } from '../mlflow/client.ts';
import { MlflowError } from '../mlflow/error.ts';
import { mayBeAlive } from '../../process/process-mark.ts';
import { acknowledge, openPlace } from './run-place.ts';
import type { PlaceSettings, RunPlace } from './run-place.ts';
import { refusalsTo, sendRecords } from './send-records.ts';
import { readSent } from './sent.ts';

/**
 * `more`: there is something left; `idle`: all is sent; `busy`: another process sends it; `gone`: deleted on the
 * server.
 */
export type SenderState = 'more' | 'idle' | 'busy' | 'gone';

export interface Sender {
  /** Sends the next portion. Throws MlflowError; the next call then sends the same portion again. */
  sendNext(): Promise<SenderState>;
  /** records that the server has not acknowledged, as far as it wants them */
  unsentRecords(): number;
  /** null until the run was found or made */
  place(): RunPlace | null;
  close(): void;
}

export interface SenderSettings extends PlaceSettings {
  /** when the run was found or made, before its points are sent */
  onPlace?: (place: RunPlace) => Promise<void>;
}

const portionBytes = 200_000;

export function openSender(settings: SenderSettings): Sender {
  const { journalPath, client } = settings;
  const refuse = refusalsTo(settings.warn);
  let place: RunPlace | null = null;
  let gone = false;

  async function sendNext(): Promise<SenderState> {
    if (gone) return 'gone';
    if (!place) {
      const found = await openPlace(settings);
      if (typeof found === 'string') {
        gone = found === 'gone';
        return found;
      }
      place = found;
      await settings.onPlace?.(place);
    }
    const part = readJournalFrom(journalPath, place.mark.offset, portionBytes);
    const last = part.lines.at(-1);
    if (!last) return await closeDeadRun(place, settings);
    try {
      await sendRecords(
        { client, run: place.run, journalPath, refuse },
        part.lines.map((line) => line.record),
      );
    } catch (error) {
      await lookAtTheRun(place, error);
      throw error;
    }
    const size = sizeOf(journalPath);
    acknowledge(place, journalPath, {
      offset: last.end,
      sum: last.sum,
      closed: closedAfter(part, place.mark.closed),
      size: part.end < size ? place.mark.size : size,
    });
    return part.end < size ? 'more' : 'idle';
  }

  /** A run that vanished (another database behind the same address) is looked for anew; a deleted one is left alone. */
  async function lookAtTheRun(current: RunPlace, error: unknown): Promise<void> {
    if (!(error instanceof MlflowError) || (error.status !== 400 && error.status !== 404)) return;
    const run = await getRun(client, current.run.runId);
    if (run && !run.deleted) return;
    gone = run !== null;
    close();
  }

  function close(): void {
    place?.lock.release();
    place = null;
  }

  return {
    sendNext,
    unsentRecords: () =>
      gone ? 0 : recordsAfter(journalPath, place?.mark.offset ?? reachedAt(journalPath, client.address.base)),
    place: () => place,
    close,
  };
}

// ---------------------------------------------------------------------------------------------------------------------

/** Nothing ever ends a run whose process was killed, so whoever sends next does. */
async function closeDeadRun(place: RunPlace, { client, journalPath }: SenderSettings): Promise<'idle'> {
  if (place.mark.closed || mayBeAlive(lastWriter(journalPath) ?? place.first.writer)) return 'idle';
  await updateRun(client, place.run.runId, { status: 'KILLED', endTime: Math.round(statSync(journalPath).mtimeMs) });
  acknowledge(place, journalPath, { closed: true, size: sizeOf(journalPath) });
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

/** Before the server was reached: what it had the last time at this address. */
function reachedAt(journalPath: string, uri: string): number {
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
