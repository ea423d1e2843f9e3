/**
 * The small files of a run that are sent to MLflow: the resolved pipeline, the samples, the evaluation's report. They
 * are copied into the run's folder (`tracked/`), so that the journal and the files it names can be moved together. Only
 * files that a stage kind lists as `trackedFiles` are sent, never conversations or checkpoints.
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
  /** the resolved pipeline, as soon as the file exists */
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
  let pipelineJournaled = false;
  let tableTagged = false;
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
    if (!tableTagged)
      journal.append({
        kind: 'tag',
        key: 'mlflow.loggedArtifacts',
        value: JSON.stringify([{ path: 'samples.json', type: 'table' }]),
      });
    tableTagged = true;
  }

  return {
    pipeline() {
      if (pipelineJournaled || !existsSync(join(run.dir, 'pipeline.yaml'))) return;
      pipelineJournaled = true;
      journal.append({ kind: 'artifact', path: 'pipeline.yaml', file: 'pipeline.yaml' });
    },
    sample(stage, { step, prompt, text }) {
      const known = rows.get(stage.name) ?? [];
      rows.set(stage.name, known);
      // A resumed stage emits samples again. A samples file may have real duplicates; it replaces all rows in the end.
      if (
        !trackedFiles(stage.kind).includes(SAMPLES_FILE) &&
        known.some((row) => row.step === step && row.prompt === prompt && row.text === text)
      )
        return;
      const newStep = known.length > 0 && known.at(-1)?.step !== step;
      if (newStep) keepTable(); // the previous step's samples are complete: show them while training continues
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
          ); // the file has all samples
        if (lines.length > 0 && !existsSync(inDir('samples.md'))) keep(`${prefix}samples.md`, samplesText(lines));
      }
      if (files.includes(REPORT_FILE) && !existsSync(inDir('report.md')) && existsSync(inDir(REPORT_FILE)))
        keep(`${prefix}report.md`, reportText(readFileSync(inDir(REPORT_FILE), 'utf8')));
      if (rows.has(name)) keepTable();
    },
  };
}
