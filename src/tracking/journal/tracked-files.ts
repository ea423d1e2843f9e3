/**
 * The few small files of a run that MLflow gets: the resolved pipeline, the samples, the evaluation's report. They are
 * copied into the run's folder (`tracked/`), so that the journal and what it names can be moved together. Never the
 * conversations, never a checkpoint: only the files that a stage kind lists as `trackedFiles`.
 */
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../files/replace-file.ts';
import type { RunEvent, StageResult } from '../../pipeline/events.ts';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import type { Journal } from './journal.ts';
import { metricPrefix } from './metric-prefix.ts';
import { REPORT_FILE, SAMPLES_FILE, reportText, samplesTable, samplesText, sampleLines } from './sample-texts.ts';
import type { SampleRow } from './sample-texts.ts';

export interface TrackedFiles {
  /** the resolved pipeline, as soon as it is there */
  pipeline(): void;
  sample(stage: { name: string; kind: string }, sample: { step: number; prompt: string; text: string }): void;
  stage(result: StageResult, dir: string | null): void;
}

const largestBytes = 10_000_000;

export function openTrackedFiles(
  run: Extract<RunEvent, { kind: 'run-started' }>,
  journal: Journal,
  kinds: Kinds,
): TrackedFiles {
  const rows = new Map<string, SampleRow[]>(); // stage → its samples
  let pipelineTold = false;
  let tableTold = false;
  const trackedFiles = (kind: string): string[] => kinds[kind]?.trackedFiles ?? [];

  function keep(path: string, content: string | Buffer): void {
    const filePath = join(run.dir, 'tracked', path);
    mkdirSync(dirname(filePath), { recursive: true });
    replaceFile(filePath, content);
    journal.append({ kind: 'artifact', path, file: `tracked/${path}` });
  }

  function keepTable(): void {
    const all = [...rows.values()].flat();
    if (all.length === 0) return;
    keep('samples.json', samplesTable(all));
    if (!tableTold)
      journal.append({
        kind: 'tag',
        key: 'mlflow.loggedArtifacts',
        value: JSON.stringify([{ path: 'samples.json', type: 'table' }]),
      });
    tableTold = true;
  }

  return {
    pipeline() {
      if (pipelineTold || !existsSync(join(run.dir, 'pipeline.yaml'))) return;
      pipelineTold = true;
      journal.append({ kind: 'artifact', path: 'pipeline.yaml', file: 'pipeline.yaml' });
    },
    sample(stage, { step, prompt, text }) {
      const known = rows.get(stage.name) ?? [];
      rows.set(stage.name, known);
      // emitted again after a resume; a sealed samples file replaces all rows in the end, and may repeat itself
      if (
        !trackedFiles(stage.kind).includes(SAMPLES_FILE) &&
        known.some((row) => row.step === step && row.prompt === prompt && row.text === text)
      )
        return;
      const newStep = known.length > 0 && known.at(-1)?.step !== step;
      if (newStep) keepTable(); // the samples of the step before are complete: they can be seen while the training goes on
      known.push({ step, prompt, text });
    },
    stage({ name, kind }, dir) {
      const prefix = metricPrefix({ name, kind }, run.stages);
      const files = dir === null ? [] : trackedFiles(kind);
      const inDir = (file: string): string => join(dir ?? '', file);
      for (const file of files) {
        const path = inDir(file);
        if (existsSync(path) && statSync(path).size <= largestBytes) keep(prefix + file, readFileSync(path));
      }
      if (files.includes(SAMPLES_FILE)) {
        const lines = sampleLines(inDir(SAMPLES_FILE));
        const step = rows.get(name)?.at(-1)?.step ?? 0;
        if (lines.length > 0)
          rows.set(
            name,
            lines.map(({ prompt, text }) => ({ step, prompt, text })),
          ); // the file is the whole story
        if (lines.length > 0 && !existsSync(inDir('samples.md'))) keep(`${prefix}samples.md`, samplesText(lines));
      }
      if (files.includes(REPORT_FILE) && !existsSync(inDir('report.md')) && existsSync(inDir(REPORT_FILE)))
        keep(`${prefix}report.md`, reportText(readFileSync(inDir(REPORT_FILE), 'utf8')));
      if (rows.has(name)) keepTable();
    },
  };
}
