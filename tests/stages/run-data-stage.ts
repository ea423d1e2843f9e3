import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { kinds } from '../../stages/index.ts';

export interface Ran {
  outDir: string;
  events: StageEvent[];
}

/** Runs a stage as the runner would: defaults filled in, a new work folder below `dir`. */
export async function runStage(
  kind: 'ingest' | 'tokenize',
  dir: string,
  given: {
    params: object;
    inputs?: Record<string, string>;
    sources?: Record<string, string>;
    signal?: AbortSignal;
    partsDir?: string;
  },
): Promise<Ran> {
  const stage = kinds[kind]!;
  const outDir = join(dir, `${kind}-${++runs}`);
  const scratchDir = `${outDir}-scratch`;
  for (const path of [outDir, scratchDir]) mkdirSync(path, { recursive: true });
  const params = Value.Default(stage.params, { ...given.params });
  if (!Value.Check(stage.params, params)) throw new Error(`params do not match the schema: ${JSON.stringify(params)}`);
  const events: StageEvent[] = [];
  const { inputs = {}, sources = {}, signal = new AbortController().signal, partsDir } = given;
  await stage.run({
    params,
    runtime: {},
    inputs,
    sources,
    outDir,
    scratchDir,
    ...(partsDir === undefined ? {} : { partsDir }),
    emit: (event) => events.push(event),
    signal,
  });
  return { outDir, events };
}

export function ingestFrom(dir: string, format: string, path: string, written = path): Promise<Ran> {
  return runStage('ingest', dir, { params: { source: written, format }, sources: { source: path } });
}

export function textsOf(events: StageEvent[], kind: 'note' | 'warning'): string[] {
  return events.flatMap((event) => (event.kind === kind ? [event.text] : []));
}

/** Digest of the names and bytes of all files in a folder, as golden tests record it. */
export function digestOf(dir: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir).sort()) hash.update(`${name}\n`).update(readFileSync(join(dir, name)));
  return hash.digest('hex');
}

let runs = 0;
