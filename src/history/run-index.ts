import { statSync } from 'node:fs';
import { join } from 'node:path';
import { readJson } from '../files/read-file.ts';
import { replaceFile } from '../files/replace-file.ts';
import { LABELS_FILE, readLabels } from '../tracking/labels/labels.ts';
import type { Labels } from '../tracking/labels/labels.ts';
import { readPastRun } from './past-runs.ts';
import { readRunLine } from './read-run.ts';
import type { RunData } from './read-run.ts';
import { listRunFolders, runNames } from './run-names.ts';

/** A run in a list. */
export interface RunLine extends Omit<RunData, 'params' | 'metrics' | 'stages'> {
  /** the last held-out loss, else the last training loss */
  loss: number | null;
  labels: Labels;
  /** every stage was cached */
  isNoop: boolean;
  /** start of the key of each training that the run continued, finished or used */
  trainings: string[];
  /** the run that began one of these trainings, if it was another one */
  continues: { run: string; name: string } | null;
}

/**
 * All runs, newest first. What was read from a folder is kept in `runs/index.json`, and used again if the run's files
 * have not changed since. The index only saves time: it is written anew when it is missing, old or damaged.
 */
export function listRunLines(runsDir: string): RunLine[] {
  const path = join(runsDir, INDEX_FILE);
  const known = readIndex(path);
  const names = runNames(runsDir);
  const kept: Index['runs'] = {};
  let changed = false;
  const lines = listRunFolders(runsDir).flatMap((run): RunLine[] => {
    const dir = join(runsDir, run);
    const before = known[run];
    const stamp = stampOf(dir, before !== undefined && hasLabels(before.line.labels));
    if (before?.stamp === stamp) {
      kept[run] = before;
      return [{ ...before.line, run, dir, name: names.of(run), continues: null }];
    }
    // before anything is read: what changes afterwards is read again by the next listing
    const stamps = { plain: stampOf(dir, false), labelled: stampOf(dir, true) };
    const past = readPastRun(dir, names);
    if (past === null) return [];
    const { stages, ...seen } = readRunLine(past);
    const read: RunLine = {
      ...seen,
      labels: readLabels(dir),
      isNoop: seen.outcome === 'done' && stages.length > 0 && stages.every(({ outcome }) => outcome === 'cached'),
      trainings: stages.flatMap(({ kind, key }) => (kind === 'train' && key ? [key.slice(0, KEY_LETTERS)] : [])),
      continues: null,
    };
    // whether a run is in progress depends on a process, not on its files
    if (!ENDED.has(read.outcome)) return [read];
    const { run: _, name: __, dir: ___, continues: ____, ...line } = read;
    kept[run] = { stamp: hasLabels(read.labels) ? stamps.labelled : stamps.plain, line };
    changed = true;
    return [read];
  });
  if (changed || Object.keys(known).length !== Object.keys(kept).length) writeIndex(path, kept);
  lines.sort((a, b) => b.startedMs - a.startedMs || (a.run < b.run ? 1 : -1));
  return withOrigins(lines);
}

// ---------------------------------------------------------------------------

/** What does not depend on the place of the run or on other runs. */
type KeptLine = Omit<RunLine, 'run' | 'name' | 'dir' | 'continues'>;

interface Index {
  record: typeof FORMAT;
  runs: Record<string, { stamp: string; line: KeptLine }>;
}

const INDEX_FILE = 'index.json';
/** Another number when `RunLine` changes. */
const FORMAT = 'run-index/1';
/** Enough to tell keys apart. */
const KEY_LETTERS = 16;
const ENDED = new Set(['done', 'paused', 'failed', 'stopped']);

/** Changes whenever a file that a line is read from does. The folder itself changes when one of its files is made. */
function stampOf(dir: string, labelled: boolean): string {
  const files = [dir, `${dir}/run.json`, `${dir}/journal.jsonl`, ...(labelled ? [`${dir}/${LABELS_FILE}`] : [])];
  return files
    .map((path) => {
      const stats = statSync(path, { throwIfNoEntry: false });
      return stats ? `${stats.mtimeMs}/${stats.ctimeMs}/${stats.size}/${stats.ino}` : '-';
    })
    .join(' ');
}

const hasLabels = ({ description, tags, notes }: Labels): boolean =>
  description !== null || notes.length > 0 || Object.keys(tags).length > 0;

function readIndex(path: string): Index['runs'] {
  const index = readJson<Partial<Index>>(path);
  return index?.record === FORMAT && typeof index.runs === 'object' && index.runs !== null ? index.runs : {};
}

/** A folder that cannot be written has no index. */
function writeIndex(path: string, runs: Index['runs']): void {
  try {
    replaceFile(path, JSON.stringify({ record: FORMAT, runs } satisfies Index));
  } catch {
    // the next listing takes longer
  }
}

/** `lines`: newest first. */
function withOrigins(lines: RunLine[]): RunLine[] {
  const began = new Map<string, RunLine>();
  for (const line of lines.toReversed()) {
    const origin = line.trainings.flatMap((key) => began.get(key) ?? [])[0];
    line.continues = origin ? { run: origin.run, name: origin.name } : null;
    for (const key of line.trainings) if (!began.has(key)) began.set(key, line);
  }
  return lines;
}
