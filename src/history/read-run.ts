import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StageResult } from '../pipeline/events.ts';
import { journalPathOf } from './past-runs.ts';
import type { PastRun } from './past-runs.ts';
import { mayBeAlive } from '../process/process-mark.ts';
import { readJournal, readJournalFrom } from '../tracking/journal/journal.ts';
import type { JournalRecord, RunRecord } from '../tracking/journal/journal.ts';
import { SAMPLES_FILE, sampleLines } from '../tracking/journal/sample-texts.ts';

export interface Point {
  step: number;
  value: number;
  /** milliseconds since 1970; for a cached stage, the time of the original run */
  time: number;
}

export interface Sample {
  stage: string;
  prompt: string;
  text: string;
}

export type RunOutcome = 'done' | 'paused' | 'failed' | 'stopped' | 'running' | 'died' | 'unknown';

/** The content of a run's folder: results from `run.json`, metrics and params from the journal. */
export interface RunData {
  run: string;
  /** what people call it: `comedy-9863` */
  name: string;
  dir: string;
  pipeline: string;
  /** short name for a legend: `peak=0.001` in a sweep */
  title: string;
  sweep: { id: string; params: string[] } | null;
  startedMs: number;
  /** without waiting for other runs; null while the run is in progress, or if it was killed */
  seconds: number | null;
  outcome: RunOutcome;
  trouble: string | null;
  stages: StageResult[];
  /** resolved, by dotted path: `model.schedule.peak` */
  params: Record<string, string>;
  /** by name, in the order in which they were measured */
  metrics: Map<string, Point[]>;
}

export function readRun(past: PastRun): RunData {
  const records = recordsOf(past);
  const head = records.find((record): record is RunRecord => record.kind === 'run');
  const metrics = new Map<string, Point[]>();
  for (const record of records) if (record.kind === 'metric') push(metrics, record);
  return { ...outline(past, head, records), params: head?.params ?? {}, metrics };
}

/** A run without its curves, for lists. The loss is the last one near the end of the journal. */
export function readRunLine(past: PastRun): Omit<RunData, 'params' | 'metrics'> & { loss: number | null } {
  const path = journalPathOf(past);
  const size = existsSync(path) ? statSync(path).size : 0;
  const first = journalPart(past, 0, FIRST_BYTES);
  const last = journalPart(past, Math.max(0, size - LAST_BYTES), LAST_BYTES);
  const loss =
    lastLoss(last, /eval(uate)?\/loss$/) ??
    lastLoss(journalPart(past, Math.max(0, size - FAR_BYTES), FAR_BYTES), /eval(uate)?\/loss$/) ??
    lastLoss(last, /(^|\/)loss$/);
  const head = first.find((record): record is RunRecord => record.kind === 'run');
  return { ...outline(past, head, [...first, ...last]), loss };
}

/** The metric that best shows a model's quality: validation loss in training, else at the end, else training loss. */
export function lossName(metrics: ReadonlyMap<string, unknown>): string | null {
  const names = [...metrics.keys()];
  for (const suffix of ['eval/loss', 'evaluate/loss', 'train/loss']) {
    const found = names.find((name) => name === suffix || name.endsWith(`/${suffix}`));
    if (found !== undefined) return found;
  }
  return names.find((name) => name.endsWith('loss')) ?? names[0] ?? null;
}

/** The sample texts of a run, stage by stage. */
export function samplesOf({ dir, stages }: Pick<RunData, 'dir' | 'stages'>): Sample[] {
  return stages.flatMap(({ name, artifact }) =>
    artifact
      ? sampleLines(join(dir, 'stages', name, SAMPLES_FILE)).map(({ prompt, text }) => ({
          stage: name,
          prompt,
          text,
        }))
      : [],
  );
}

// ---------------------------------------------------------------------------

const FIRST_BYTES = 2048;
const LAST_BYTES = 8 * 1024;
/** for validations that are far apart */
const FAR_BYTES = 256 * 1024;

function lastLoss(records: JournalRecord[], named: RegExp): number | null {
  const found = records.findLast((record) => record.kind === 'metric' && named.test(record.name));
  return found?.kind === 'metric' ? found.value : null;
}

function recordsOf(past: PastRun): JournalRecord[] {
  try {
    return readJournal(journalPathOf(past)).lines.map(({ record }) => record);
  } catch {
    return []; // a run that died as it started has no journal
  }
}

function journalPart(past: PastRun, from: number, bytes: number): JournalRecord[] {
  try {
    return readJournalFrom(journalPathOf(past), from, bytes).lines.map(({ record }) => record);
  } catch {
    return [];
  }
}

function outline(
  past: PastRun,
  head: RunRecord | undefined,
  records: JournalRecord[],
): Omit<RunData, 'params' | 'metrics'> {
  const { run, name, dir, record, startedMs, trouble } = past;
  // a paused run may have been resumed; then its earlier `end` does not count
  const last = records.findLast(({ kind }) => kind === 'end' || kind === 'run');
  const end = last?.kind === 'end' ? last : undefined;
  const finished = record?.finished ? Date.parse(record.finished) : (end?.time ?? null);
  return {
    run,
    name,
    dir,
    pipeline: record?.pipeline ?? head?.tags['pipeline'] ?? 'unknown',
    title: head?.title ?? run,
    sweep: head?.sweep ? { id: head.sweep.id, params: head.sweep.params } : null,
    startedMs,
    seconds: finished === null ? null : workedSeconds(record, (finished - startedMs) / 1000),
    outcome: outcomeOf(past, head, end?.status),
    trouble,
    stages: record?.stages ?? [],
  };
}

/**
 * Old records do not say how long the run worked: at most as long as its stages took. A run of cached stages counts
 * whole.
 */
function workedSeconds(record: PastRun['record'], elapsed: number): number {
  const worked = record?.worked ?? (record?.stages ?? []).reduce((sum, { seconds }) => sum + seconds, 0);
  return worked > 0 ? Math.min(elapsed, worked) : elapsed;
}

function outcomeOf({ record }: PastRun, head: RunRecord | undefined, status: string | undefined): RunOutcome {
  if (record?.ok) return record.stages.some(({ outcome }) => outcome === 'paused') ? 'paused' : 'done';
  if (record?.ok === false)
    return status === 'KILLED' || record.stages.some(({ outcome }) => outcome === 'stopped') ? 'stopped' : 'failed';
  if (status) return status === 'FINISHED' ? 'done' : status === 'KILLED' ? 'stopped' : 'failed';
  if (!head) return record ? 'died' : 'unknown';
  return mayBeAlive(head.writer) ? 'running' : 'died';
}

function push(metrics: Map<string, Point[]>, { name, step, value, time }: { name: string } & Point): void {
  const points = metrics.get(name);
  if (points) points.push({ step, value, time });
  else metrics.set(name, [{ step, value, time }]);
}
