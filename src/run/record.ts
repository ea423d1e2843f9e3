import { mkdirSync, writeFileSync } from 'node:fs';
import { randomBytes, randomUUID } from 'node:crypto';
import { join, relative } from 'node:path';
import type { Listener, StageResult } from '../pipeline/events.ts';
import { pointLink, writeWhole } from './files.ts';

/** `runs/<run>/run.json`: what became of each stage. */
export interface RunRecord {
  record: 'run/1';
  run: string;
  runUid: string;
  pipeline: string;
  started: string;
  finished: string | null;
  /** null while it goes on */
  ok: boolean | null;
  sweep: { id: string; index: number; values: Record<string, unknown> } | null;
  stages: StageResult[];
}

export interface RunFolder {
  run: string;
  runUid: string;
  dir: string;
}

/** Makes `runs/<date>-<name>-<four letters>` with the resolved YAML in it, and points `runs/latest` to it. */
export function makeRunFolder(runsDir: string, pipeline: string, resolvedYaml: string): RunFolder {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  const slug = pipeline.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  const run = `${stamp}-${slug}-${randomBytes(2).toString('hex')}`;
  const dir = join(runsDir, run);
  mkdirSync(join(dir, 'stages'), { recursive: true });
  writeFileSync(join(dir, 'pipeline.yaml'), resolvedYaml);
  pointLink(join(runsDir, 'latest'), run);
  return { run, runUid: randomUUID(), dir };
}

/** Listens, and keeps `run.json` and the links `stages/<name>` → artifact up to date. */
export function recordListener(): Listener {
  let record: RunRecord | null = null;
  let dir = '';
  const write = (): void => {
    if (record) writeWhole(join(dir, 'run.json'), `${JSON.stringify(record, null, 2)}\n`);
  };
  return (event) => {
    if (event.kind === 'run-started') {
      dir = event.dir;
      const { run, runUid, pipeline, sweep } = event;
      record = { record: 'run/1', run, runUid, pipeline, started: iso(event.time), finished: null, ok: null, sweep: sweep && { id: sweep.id, index: sweep.index, values: sweep.values }, stages: [] };
    }
    if (!record) return;
    if (event.kind === 'stage-finished') {
      record.stages.push(event.result);
      if (event.dir) pointLink(join(dir, 'stages', event.result.name), relative(join(dir, 'stages'), event.dir));
    }
    if (event.kind === 'run-finished') record = { ...record, finished: iso(event.time), ok: event.ok };
    if (event.kind !== 'stage-event') write();
  };
}

const iso = (time: number): string => new Date(time).toISOString();
