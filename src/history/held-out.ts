import { existsSync, statSync } from 'node:fs';
import { readJournalFrom } from '../tracking/journal/journal.ts';
import { journalPathOf, listPastRuns } from './past-runs.ts';
import type { PastRun } from './past-runs.ts';

/** How well the model of a run predicts the held-out text. */
export interface HeldOut {
  /** mean nats per token: as a report measured it, else the best validation of the training */
  loss: number;
  perplexity: number;
  bitsPerByte: number | null;
  /** before the training */
  start: number | null;
  /** which of the two it is: only equal ones can be compared */
  by: 'report' | 'training';
}

/** Null if the run has measured none. */
export function heldOutOf(past: PastRun): HeldOut | null {
  const path = journalPathOf(past);
  const size = existsSync(path) ? statSync(path).size : 0;
  const late = metricsIn(path, Math.max(0, size - END_BYTES), END_BYTES);
  const last = (end: string): number | null => late.findLast(({ name }) => isNamed(name, end))?.value ?? null;
  const reported = last('evaluate/loss');
  if (reported !== null)
    return {
      loss: reported,
      perplexity: last('evaluate/perplexity') ?? Math.exp(reported),
      bitsPerByte: last('evaluate/bits_per_byte'),
      start: last('evaluate/baseline_loss'),
      by: 'report',
    };
  const trained = last('best/eval_loss') ?? last('eval/loss');
  if (trained === null) return null;
  const first = metricsIn(path, 0, START_BYTES).find(({ name }) => isNamed(name, 'eval/loss'));
  return {
    loss: trained,
    perplexity: Math.exp(trained),
    bitsPerByte: null,
    start: first?.step === 0 ? first.value : null,
    by: 'training',
  };
}

/** The earlier run of the same pipeline, on the same tokens, with the lowest held-out loss; null without one. */
export function bestEarlier(runsDir: string, now: PastRun): { past: PastRun; loss: number } | null {
  const result = heldOutOf(now);
  const earlier = listPastRuns(runsDir).filter(
    (past) => past.startedMs < now.startedMs && isComparable(past, now) && past.record?.ok,
  );
  const measured = earlier.slice(0, MOST_RUNS).flatMap((past) => {
    const found = heldOutOf(past);
    return found !== null && found.by === result?.by ? [{ past, loss: found.loss }] : [];
  });
  return measured.reduce<(typeof measured)[number] | null>(
    (best, one) => (best === null || one.loss < best.loss ? one : best),
    null,
  );
}

// ---------------------------------------------------------------------------

/** Enough for what a report and the last validations measured. */
const END_BYTES = 256 * 1024;
const START_BYTES = 64 * 1024;
/** Each costs milliseconds at the end of a run. */
const MOST_RUNS = 50;

const isNamed = (name: string, end: string): boolean => name === end || name.endsWith(`/${end}`);

function metricsIn(path: string, from: number, bytes: number): { name: string; step: number; value: number }[] {
  try {
    return readJournalFrom(path, from, bytes).lines.flatMap(({ record }) =>
      record.kind === 'metric' && Number.isFinite(record.value) ? [record] : [],
    );
  } catch {
    return []; // the run has no journal
  }
}

function isComparable(a: PastRun, b: PastRun): boolean {
  return a.record?.pipeline === b.record?.pipeline && tokensOf(a).join() === tokensOf(b).join();
}

const tokensOf = ({ record }: PastRun): string[] =>
  (record?.stages ?? []).flatMap(({ kind, artifact }) =>
    /^(tokenize|shards)$/.test(kind) && artifact ? [artifact] : [],
  );
