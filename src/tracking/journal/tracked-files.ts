/**
 * The few small files of a run that MLflow gets: the resolved pipeline, the samples, the evaluation's report. They are
 * copied into the run's folder (`tracked/`), so that the journal and what it names can be moved together. Never the
 * conversations, never a checkpoint: only files of the kinds and names listed here.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { RunEvent, StageResult } from '../../pipeline/events.ts';
import type { Journal } from './journal.ts';
import { metricPrefix } from './metric-prefix.ts';
import { reportText, samplesTable, samplesText, sampleLines } from './sample-texts.ts';
import type { SampleRow } from './sample-texts.ts';

export interface TrackedFiles {
  /** the resolved pipeline, as soon as it is there */
  pipeline(): void;
  sample(stage: { name: string; kind: string }, sample: { step: number; prompt: string; text: string }): void;
  stage(result: StageResult, dir: string | null): void;
}

const trackedFiles: Record<string, string[]> = {
  sample: ['samples.jsonl', 'samples.md'],
  evaluate: ['report.json', 'report.md'],
};
const largestBytes = 10_000_000;

export function openTrackedFiles(run: Extract<RunEvent, { kind: 'run-started' }>, journal: Journal): TrackedFiles {
  const rows = new Map<string, SampleRow[]>(); // stage → its samples
  let pipelineTold = false;
  let tableTold = false;

  function keep(path: string, content: string | Buffer): void {
    const filePath = join(run.dir, 'tracked', path);
    mkdirSync(dirname(filePath), { recursive: true });
    writeFileSync(`${filePath}.tmp`, content);
    renameSync(`${filePath}.tmp`, filePath);
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
      // told again after a resume
      if (
        stage.kind !== 'sample' &&
        known.some((row) => row.step === step && row.prompt === prompt && row.text === text)
      )
        return;
      const newStep = known.length > 0 && known.at(-1)?.step !== step;
      if (newStep) keepTable(); // the samples of the step before are complete: they can be seen while the training goes on
      known.push({ step, prompt, text });
    },
    stage({ name, kind }, dir) {
      const prefix = metricPrefix({ name, kind }, run.stages);
      for (const file of dir ? (trackedFiles[kind] ?? []) : []) {
        const path = join(dir ?? '', file);
        if (existsSync(path) && statSync(path).size <= largestBytes) keep(prefix + file, readFileSync(path));
      }
      if (dir && kind === 'sample') {
        const lines = sampleLines(join(dir, 'samples.jsonl'));
        const step = rows.get(name)?.at(-1)?.step ?? 0;
        if (lines.length > 0)
          rows.set(
            name,
            lines.map(({ prompt, text }) => ({ step, prompt, text })),
          ); // the file is the whole story
        if (lines.length > 0 && !existsSync(join(dir, 'samples.md'))) keep(`${prefix}samples.md`, samplesText(lines));
      }
      if (dir && kind === 'evaluate' && !existsSync(join(dir, 'report.md')) && existsSync(join(dir, 'report.json')))
        keep(`${prefix}report.md`, reportText(readFileSync(join(dir, 'report.json'), 'utf8')));
      if (rows.has(name)) keepTable();
    },
  };
}
