import { existsSync } from 'node:fs';
import { calledAs } from '../../files/called-as.ts';
import { join, relative, resolve } from 'node:path';
import type { Computation, Machine, StageContract } from '../../pipeline/stage-kind.ts';
import { kinds } from '../../../stages/index.ts';
import { unreachable } from '../../files/unreachable.ts';
import { numericEnvironment } from '../../engine/numeric-environment.ts';
import { engineChoice } from '../../engine/engine-choice.ts';
import type { Diagnostic } from '../../pipeline/diagnostic/diagnostic.ts';
import type { Digest, Key, PreImage } from '../../pipeline/plan/key.ts';
import { namedSources } from '../../pipeline/named-sources.ts';
import { parsePipeline } from '../../pipeline/parse.ts';
import type { ParsedPipeline } from '../../pipeline/parse.ts';
import type { Facts } from '../../pipeline/plan/plan.ts';
import { PATH_HINT } from '../../pipeline/use.ts';
import type { ReadUsed } from '../../pipeline/use.ts';
import type { Pipeline, Stage } from '../../pipeline/pipeline.ts';
import { digestSource, EMPTY_FOLDER } from '../../store/sources/digest.ts';
import { findEntry, hasWork, lastKeys, openStore, readPreImage, statsDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../verb.ts';
import { locate } from './locate.ts';
import { missingPathHint } from './missing-path.ts';
import { meantFile } from './no-such-file.ts';
import { readYamlText } from './read-text.ts';
import { shellWord } from '../../files/shell-word.ts';
import { privateRunsDirectory } from '../runs-directory.ts';
import { lateProgress } from './late-progress.ts';
import { remembered } from './remembered.ts';
import { thisMachine } from '../machine/this-machine.ts';

/** One point of a file, with what planning needs to know about the disk. */
export interface LoadedPoint {
  pipeline: Pipeline;
  facts: Facts;
  sourcePaths: Record<string, Record<string, string>>;
}

export interface LoadedFile {
  /** absolute path of the pipeline file */
  path: string;
  parsed: ParsedPipeline;
  points: LoadedPoint[];
  store: Store;
  runsDir: string;
  /** missing sources, each once, located where the file names them */
  missingSources: (Diagnostic & { stage: string })[];
}

/** Reads and checks a pipeline file and the files that it includes with `use:`. Does not touch its sources. */
export function parsePipelineFile(file: string, sets: string[]): ParsedPipeline {
  const path = resolve(file);
  if (!existsSync(path)) {
    const meant = meantFile(file);
    throw new UsageError(
      `no file "${file}"; ${meant === null ? `pipelines are YAML files: ${calledAs()} run FILE` : `did you mean ${shellWord(meant)}?`}`,
    );
  }
  return parsePipeline({
    file,
    text: readText(path, file),
    sets,
    kinds,
    readUsed: (used) => readUsed(used, path),
  });
}

/** Reads and checks a file, and collects everything that planning needs. Runs nothing. */
export async function loadPipeline(file: string, sets: string[]): Promise<LoadedFile> {
  const path = resolve(file);
  const parsed = parsePipelineFile(file, sets);
  const runsDir = privateRunsDirectory();
  const store = openStore(join(runsDir, 'store'));
  const missing = new Map<string, Diagnostic & { stage: string }>();
  const search: SourceSearch & { close(): void } = {
    pipelinePath: path,
    parsed,
    statsDir: statsDir(store),
    machine: thisMachine((named) => locate(named, path)),
    states: new Map(),
    ...lateProgress(process.stderr),
  };
  const shared = sharedFacts(store);
  const points: LoadedPoint[] = [];
  for (const pipeline of parsed.points) {
    const sourcePaths: LoadedPoint['sourcePaths'] = {};
    const sources: Facts['sources'] = {};
    const missingSources: Facts['missingSources'] = {};
    for (const stage of pipeline.stages) {
      const found = await findSources(stage, search);
      sourcePaths[stage.name] = found.paths;
      sources[stage.name] = found.digests;
      missingSources[stage.name] = found.missing.map(({ message }) => message);
      for (const diagnostic of found.missing)
        missing.set(`${diagnostic.line}:${diagnostic.column}:${diagnostic.message}`, diagnostic);
    }
    points.push({ pipeline, sourcePaths, facts: factsOf(pipeline, { sources, missingSources }, shared) });
  }
  search.close();
  return { path, parsed, points, store, runsDir, missingSources: [...missing.values()] };
}

// ---------------------------------------------------------------------------

function readText(path: string, file: string): string {
  const read = readYamlText(path);
  if ('trouble' in read) throw new UsageError(`"${file}" ${read.trouble}`);
  return read.text;
}

/** Where it was looked for, and what to write instead, or `otherwise`. */
function hintOf(named: string, path: string, pipelinePath: string, otherwise?: string): string {
  const hint = missingPathHint(named, pipelinePath) ?? otherwise;
  return `nothing is at ${path}${hint === undefined ? '' : `; ${hint}`}`;
}

function readUsed(named: string, pipelinePath: string): ReturnType<ReadUsed> {
  const path = locate(named, pipelinePath);
  if (!existsSync(path)) return { missing: hintOf(named, path, pipelinePath, PATH_HINT) };
  const shown = relative(process.cwd(), path);
  const read = readYamlText(path);
  return 'trouble' in read ? read : { file: shown.startsWith('..') ? path : shown, text: read.text };
}

interface SourceSearch {
  pipelinePath: string;
  parsed: ParsedPipeline;
  statsDir: string;
  machine: Machine;
  /** a source that many stages or points name is checked once */
  states: Map<string, Promise<SourceState>>;
  update(what: string, done: number, total: number): void;
}

/** The digest of a source's content, or what is wrong with it, in words. */
type SourceState = { path: string; digest: Digest } | { path: string; fault: string; missing?: true };

async function findSources(stage: Stage, search: SourceSearch) {
  const paths: Record<string, string> = {};
  const digests: Record<string, Digest> = {};
  const missing: (Diagnostic & { stage: string })[] = [];
  const kind = kinds[stage.kind];
  for (const { path, message, hint } of kind?.lacks?.(stage.params, search.machine) ?? []) {
    missing.push({
      ...search.parsed.diagnosticAt(['stages', stage.name, 'params', ...path.split('.')], message, hint),
      stage: stage.name,
    });
  }
  for (const { param, named } of kind ? namedSources(kind, stage.params) : []) {
    const id = JSON.stringify([stage.kind, param, named]);
    const state = search.states.get(id) ?? sourceState(kind!, param, named, search);
    search.states.set(id, state);
    const found = await state;
    paths[param] = found.path;
    if ('digest' in found) digests[param] = found.digest;
    else
      missing.push({
        ...search.parsed.diagnosticAt(
          ['stages', stage.name, 'params', ...param.split('.')],
          found.fault,
          'missing' in found
            ? hintOf(named, found.path, search.pipelinePath, kind?.sourceHelp?.(stage.params, param))
            : kind?.sourceHelp?.(stage.params, param),
        ),
        stage: stage.name,
      });
  }
  return { paths, digests, missing };
}

/** What may surprise somebody who thinks of a shell. */
function unreplaced(named: string, path: string): string {
  if (named.startsWith('~/')) return `: looked for ${path}`;
  return /\$|^~/.test(named) ? ': only ~/ is replaced, not $NAME or ~NAME' : '';
}

async function sourceState(
  kind: StageContract,
  param: string,
  named: string,
  { pipelinePath, statsDir, update }: SourceSearch,
): Promise<SourceState> {
  const path = kind.sourcePath?.(param, named) ?? locate(named, pipelinePath);
  const why = unreachable(path);
  if (why !== null) return { path, fault: `cannot read "${named}": ${why}` };
  if (!existsSync(path) && kind.optionalSources.includes(param)) return { path, digest: EMPTY_FOLDER };
  if (!existsSync(path))
    return kind.sourcePath?.(param, named)
      ? { path, fault: `"${named}" is not on this machine` }
      : { path, fault: `no file or folder "${named}"${unreplaced(named, path)}`, missing: true };
  try {
    const files = kind.sourceFiles?.(param, path) ?? null;
    return {
      path,
      digest: await digestSource(path, files, {
        statsDir,
        onBytes: (done, total) => update(`hashing ${named}`, done, total),
      }),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { path, fault: code === undefined ? message : `cannot read "${named}": ${message}` };
  }
}

interface SharedFacts {
  store: Store;
  environment(computation: Computation): Record<string, string>;
  lastKeys(pipeline: string): Record<string, Key>;
  preImage(key: Key): PreImage | null;
}

/** Facts that the points of a sweep share, each looked up once. */
function sharedFacts(store: Store): SharedFacts {
  const environments = new Map<string, Record<string, string>>();
  const last = new Map<string, Record<string, Key>>();
  const preImages = new Map<string, PreImage | null>();
  return {
    store,
    environment: ({ engine, precision }) =>
      remembered(environments, `${engine} ${precision}`, () => numericEnvironment(engineChoice(engine, precision))),
    lastKeys: (pipeline) => remembered(last, pipeline, () => lastKeys(store, pipeline)),
    preImage: (key) => remembered(preImages, key, () => readPreImage(store, key)),
  };
}

function factsOf(
  pipeline: Pipeline,
  found: Pick<Facts, 'sources' | 'missingSources'>,
  { store, environment, lastKeys, preImage }: SharedFacts,
): Facts {
  return {
    ...found,
    kinds,
    environment,
    artifactOf: (key) => findEntry(store, key)?.artifact ?? null,
    hasWork: (key) => hasWork(store, key),
    previous(name) {
      const key = lastKeys(pipeline.name)[name];
      return key ? preImage(key) : null;
    },
  };
}
