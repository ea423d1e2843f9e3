import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StageResult } from '../pipeline/events.ts';

export interface SweptRun {
  title: string;
  dir: string;
  ok: boolean;
  stages: StageResult[];
}

/** The points of a sweep, best held-out loss first; those without one last, with what became of them. */
export function sweepTable(runs: SweptRun[]): string[] {
  const rows = runs.map((run) => ({ run, report: reportOf(run) }));
  rows.sort((a, b) => (a.report?.loss ?? Infinity) - (b.report?.loss ?? Infinity));
  const width = Math.max(...runs.map(({ title }) => title.length));
  const lines = rows.map(({ run, report }) => {
    const failed = run.stages.find(({ outcome }) => outcome === 'failed');
    const figures = report ? `${report.loss.toFixed(3).padStart(7)}  ${report.bitsPerByte.toFixed(3).padStart(9)}` : failed ? `  ${failed.name} failed` : '      –';
    return `  ${run.title.padEnd(width)}  ${figures}`;
  });
  return [`  ${''.padEnd(width)}     loss  bits/byte`, ...lines];
}

function reportOf({ dir, stages }: SweptRun): { loss: number; bitsPerByte: number } | null {
  const stage = stages.find(({ kind, artifact }) => kind === 'evaluate' && artifact);
  const path = stage ? join(dir, 'stages', stage.name, 'report.json') : '';
  return stage && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { loss: number; bitsPerByte: number }) : null;
}
