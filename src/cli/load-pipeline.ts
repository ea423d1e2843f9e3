import { existsSync, readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { StageKind } from '../../stages/define-stage.ts';
import { kinds } from '../../stages/index.ts';
import { projectRoot } from '../artifacts/project-root.ts';
import { numericEnvironment } from '../engine/numeric-environment.ts';
import { engineChoice } from '../engine/open-engine.ts';
import type { Diagnostic } from '../pipeline/diagnostic.ts';
import type { Digest } from '../pipeline/key.ts';
import type { Kinds } from '../pipeline/kind.ts';
import { parsePipeline } from '../pipeline/parse.ts';
import type { ParsedPipeline } from '../pipeline/parse.ts';
import type { Facts } from '../pipeline/plan.ts';
import type { Pipeline, Stage } from '../pipeline/pipeline.ts';
import { valueAt } from '../pipeline/yaml-tree.ts';
import { digestSource } from '../run/digest.ts';
import { findEntry, hasWork, lastKeys, openStore, readPreImage } from '../run/store.ts';
import type { Store } from '../run/store.ts';
import { UsageError } from './arguments.ts';

/** One point of a file, with what the disk says of it. */
export interface LoadedPoint {
  pipeline: Pipeline;
  facts: Facts;
  sourcePaths: Record<string, Record<string, string>>;
}

export interface LoadedFile {
  parsed: ParsedPipeline;
  points: LoadedPoint[];
  store: Store;
  runsDir: string;
  /** sources that are not there, once each, where the file names them */
  missingSources: (Diagnostic & { stage: string })[];
}

export const runsDirectory = (): string => resolve(process.env['RUNNER_RUNS'] ?? join(projectRoot(), 'runs'));

/** Reads, checks and looks up everything that planning needs. Runs nothing. */
export async function loadPipeline(file: string, sets: string[]): Promise<LoadedFile> {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`no file "${file}"${existsSync(join(projectRoot(), file)) ? `; did you mean ${join(projectRoot(), file)}?` : ''}`);
  const parsed = parsePipeline({ file, text: readText(path, file), sets, kinds: kinds as unknown as Kinds, readUsed: (used) => readUsed(used, path) });
  const runsDir = runsDirectory();
  const store = openStore(join(runsDir, 'store'));
  const missing = new Map<string, Diagnostic & { stage: string }>();
  const digests = new Map<string, Digest>();
  const points: LoadedPoint[] = [];
  for (const pipeline of parsed.points) {
    const sourcePaths: LoadedPoint['sourcePaths'] = {};
    const sources: Facts['sources'] = {};
    for (const stage of pipeline.stages) {
      const found = await findSources(stage, path, parsed, digests);
      sourcePaths[stage.name] = found.paths;
      sources[stage.name] = found.digests;
      for (const one of found.missing) missing.set(`${one.line}:${one.column}:${one.message}`, one);
    }
    points.push({ pipeline, sourcePaths, facts: factsOf(pipeline, store, sources) });
  }
  return { parsed, points, store, runsDir, missingSources: [...missing.values()] };
}

// ---------------------------------------------------------------------------

function readText(path: string, file: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read "${file}": ${(error as NodeJS.ErrnoException).code === 'EISDIR' ? 'it is a folder' : (error as Error).message}`);
  }
}

/** `./x` is beside the pipeline file; any other relative path begins at the checkout. */
function locate(named: string, pipelinePath: string): string {
  if (isAbsolute(named)) return named;
  return /^\.\.?(\/|$)/.test(named) ? resolve(dirname(pipelinePath), named) : resolve(projectRoot(), named);
}

function readUsed(named: string, pipelinePath: string): { file: string; text: string } | null {
  const path = locate(named, pipelinePath);
  if (!existsSync(path)) return null;
  const shown = relative(process.cwd(), path);
  return { file: shown.startsWith('..') ? path : shown, text: readFileSync(path, 'utf8') };
}

async function findSources(stage: Stage, pipelinePath: string, parsed: ParsedPipeline, known: Map<string, Digest>) {
  const paths: Record<string, string> = {};
  const digests: Record<string, Digest> = {};
  const missing: (Diagnostic & { stage: string })[] = [];
  const kind = (kinds as unknown as Record<string, StageKind>)[stage.kind];
  for (const param of kind?.sources ?? []) {
    const named = valueAt(stage.params, param.split('.'));
    if (typeof named !== 'string') continue;
    const path = kind?.sourcePath?.(param, named) ?? locate(named, pipelinePath);
    paths[param] = path;
    const found = sourceFiles(kind!, param, { named, path });
    if (typeof found === 'string') {
      missing.push({ ...parsed.diagnosticAt(['stages', stage.name, 'params', ...param.split('.')], found, kind?.sourceHelp?.(stage.params as never)), stage: stage.name });
      continue;
    }
    const read = JSON.stringify([path, found]);
    digests[param] = known.get(read) ?? (await digestSource(path, found ?? undefined));
    known.set(read, digests[param]);
  }
  return { paths, digests, missing };
}

/** The files of a source that count, null for all of them; or, as text, what is wrong with it. */
function sourceFiles(kind: StageKind, param: string, { named, path }: { named: string; path: string }): string[] | null | string {
  if (!existsSync(path)) return kind.sourcePath?.(param, named) ? `"${named}" is not on this machine` : `no file or folder "${named}"`;
  try {
    return kind.sourceFiles?.(param, path) ?? null;
  } catch (error) {
    return (error as Error).message;
  }
}

function factsOf(pipeline: Pipeline, store: Store, sources: Facts['sources']): Facts {
  const last = lastKeys(store, pipeline.name);
  return {
    kinds: kinds as unknown as Kinds,
    sources,
    environment: (stage) => numericEnvironment(engineChoice(stage.params['engine'] === 'tfjs' ? 'tfjs' : 'tensorflow', stage.params['precision'] === 'bf16' ? 'bf16' : 'fp32')),
    artifactOf: (key) => findEntry(store, key)?.artifact ?? null,
    hasWork: (key) => hasWork(store, key),
    previous: (name) => (last[name] ? readPreImage(store, last[name]) : null),
  };
}
