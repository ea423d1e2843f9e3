/**
 * How much of a journal each server has: `journal.sent.json` beside the journal. Losing the file costs time but never
 * duplicates points, because MLflow ignores those that it has.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';

export interface SentMark {
  /** the address at which the server was last reached */
  uri: string;
  experimentId: string;
  runId: string;
  /** bytes of the journal that the server has acknowledged, up to a record's end */
  offset: number;
  /** checksum of the record that ends there */
  sum: string;
  /** the server knows that the run ended, or that its process died */
  closed: boolean;
  /** what was deleted there: the run itself, or its experiment; true in older marks */
  gone?: 'run' | 'experiment' | true;
  /** the description, tags and notes on which both sides last agreed; absent before that */
  labels?: Record<string, string>;
  /** the journal's length when it had been read to its end; more than `offset` if the last line is incomplete */
  size: number;
}

export interface Sent {
  /** by server name */
  servers: Record<string, SentMark>;
  /** addresses that this run should be sent to, whether reached or not */
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
    // missing or unreadable: send everything again
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
 * Runs that were given up because their experiment was deleted are sent again: the experiment exists once more. Returns
 * how many there are.
 */
export function reviveRuns(runsDir: string, server: string, experimentId: string): number {
  let revived = 0;
  for (const path of journalPaths(runsDir)) {
    const mark = readSent(path).servers[server];
    if (!mark?.gone || mark.gone === 'run' || !['', experimentId].includes(mark.experimentId)) continue;
    const { gone: _, ...rest } = mark;
    markSent(path, server, rest);
    revived++;
  }
  return revived;
}

function write(journalPath: string, sent: Sent): void {
  replaceFile(sentPath(journalPath), `${JSON.stringify({ version: 1, ...sent }, null, 2)}\n`);
}
