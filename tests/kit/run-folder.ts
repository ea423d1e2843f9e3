import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { StageResult } from '../../src/pipeline/events.ts';
import { markOf } from '../../src/process/process-mark.ts';
import { openJournal } from '../../src/tracking/journal/journal.ts';

export interface MadeRun {
  run: string;
  startedMs?: number;
  pipeline?: string;
  title?: string;
  /** by dotted path: `model.steps` */
  params?: Record<string, string>;
  sweep?: { id: string; index: number; values: Record<string, unknown> };
  metrics?: { name: string; step: number; value: number; time: number }[];
  samples?: { prompt: string; text: string }[];
  /** null while the run is in progress */
  ok?: boolean | null;
  stages?: Record<string, { kind: string; params?: Record<string, unknown>; inputs?: Record<string, string> }>;
  results?: Partial<StageResult>[];
}

/** Writes a run's folder as the runner would leave it, with the given content. */
export function makeRun(runsDir: string, made: MadeRun): string {
  const {
    run,
    startedMs = Date.UTC(2026, 0, 2, 12),
    pipeline = 'p',
    title = run,
    params = {},
    sweep,
    metrics = [],
    samples,
    ok = true,
  } = made;
  const dir = join(runsDir, run);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const results = made.results ?? (samples ? [{ name: 'samples', kind: 'sample' }] : []);
  const stages = results.map((result) => ({
    name: 'model',
    kind: 'train',
    outcome: 'ran',
    key: null,
    artifact: 'a'.repeat(64),
    seconds: 1,
    ...result,
  }));
  mkdirSync(join(dir, 'stages'), { recursive: true });
  writeFileSync(join(dir, 'pipeline.yaml'), stringify({ name: pipeline, stages: made.stages ?? {} }));
  const record = {
    record: 'run/1',
    run,
    runUid: run,
    pipeline,
    started: iso(startedMs),
    finished: ok === null ? null : iso(startedMs + 65_000),
    ok,
    sweep: sweep ?? null,
    runner: markOf(process.pid),
    planned: stages.map(({ name, kind }) => ({ name, kind })),
    stages,
  };
  writeFileSync(join(dir, 'run.json'), JSON.stringify(record));
  if (samples) {
    mkdirSync(join(dir, 'made', 'samples'), { recursive: true });
    writeFileSync(
      join(dir, 'made', 'samples', 'samples.jsonl'),
      samples.map((sample) => `${JSON.stringify(sample)}\n`).join(''),
    );
    symlinkSync('../made/samples', join(dir, 'stages', 'samples'));
  }
  const journal = openJournal(join(dir, 'journal.jsonl'));
  journal.append({
    kind: 'run',
    uid: run,
    experiment: pipeline,
    title,
    time: startedMs,
    tags: { pipeline },
    params,
    stages: [],
    sweep: sweep
      ? {
          id: sweep.id,
          index: sweep.index,
          params: Object.keys(sweep.values).map((path) => path.replace(/^stages\.([^.]+)\.params\./, '$1.')),
        }
      : null,
    writer: markOf(process.pid),
  });
  for (const metric of metrics) journal.append({ kind: 'metric', ...metric });
  if (ok !== null) journal.append({ kind: 'end', status: ok ? 'FINISHED' : 'FAILED', time: startedMs + 65_000 });
  journal.close();
  return dir;
}
