/**
 * How far each server has a journal: `journal.sent.json` beside it. Losing the file costs time, never a double: MLflow
 * knows its points again.
 */
import { readFileSync } from 'node:fs';
import { replaceFile } from '../../files/replace-file.ts';

export interface SentMark {
  /** where the server was last reached */
  uri: string;
  experimentId: string;
  runId: string;
  /** bytes of the journal that the server has acknowledged, up to a record's end */
  offset: number;
  /** check sum of the record that ends there */
  sum: string;
  /** the journal's `end`, or the death of its writer, has been told */
  closed: boolean;
  /** the run or its experiment was deleted there */
  gone?: boolean;
  /** the journal's length when all of it had been looked at; longer than `offset` if its tail is torn */
  size: number;
}

export interface Sent {
  /** by server name */
  servers: Record<string, SentMark>;
  /** addresses that this run was to be sent to, reached or not */
  wanted: string[];
}

export function sentPath(journalPath: string): string {
  return journalPath.replace(/\.jsonl$/, '') + '.sent.json';
}

/** An unreadable file counts as empty. */
export function readSent(journalPath: string): Sent {
  try {
    const content = JSON.parse(readFileSync(sentPath(journalPath), 'utf8')) as { version?: unknown } & Partial<Sent>;
    if (content.version === 1) return { servers: content.servers ?? {}, wanted: content.wanted ?? [] };
  } catch {
    // none yet, or not ours to read: everything is sent again
  }
  return { servers: {}, wanted: [] };
}

export function markSent(journalPath: string, server: string, mark: SentMark): void {
  const sent = readSent(journalPath);
  write(journalPath, { ...sent, servers: { ...sent.servers, [server]: mark } });
}

export function markWanted(journalPath: string, uri: string): void {
  const sent = readSent(journalPath);
  if (!sent.wanted.includes(uri)) write(journalPath, { ...sent, wanted: [...sent.wanted, uri] });
}

function write(journalPath: string, sent: Sent): void {
  replaceFile(sentPath(journalPath), `${JSON.stringify({ version: 1, ...sent }, null, 2)}\n`);
}
