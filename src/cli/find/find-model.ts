import { calledAs } from '../../files/called-as.ts';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINT_FILES } from '../../artifacts/checkpoint/checkpoint-files.ts';
import { readJson } from '../../files/read-file.ts';
import { runEventReader } from '../../history/follow-events.ts';
import { artifactsOf } from '../../history/past-runs.ts';
import type { PastRun } from '../../history/past-runs.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import type { Key, PreImage } from '../../pipeline/plan/key.ts';
import type { StageSpec } from '../../store/spec.ts';
import { artifactDir, openStore, readEntry, readPreImage, workDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../verb.ts';
import { runWord } from './run-word.ts';
import { findRun } from './find-run.ts';
import { isTokens } from './find-tokens.ts';
import { runAndStage } from './run-and-stage.ts';

/** The weights that a stage of a run has trained, so far. */
export interface FoundModel {
  run: string;
  /** what people call the run */
  name: string;
  stage: string;
  /** a finished checkpoint with `best/` and `final/`, or the scratch folder of a training that has not finished */
  weights: { artifact: string } | { scratch: string };
  /** the params of the training; null if a program made the checkpoint, or its record is gone */
  params: PreImage['params'] | null;
  /** what it was trained on, the main tokens first; empty if they are gone */
  tokens: TrainedOn[];
}

export interface TrainedOn {
  dir: string;
  /** the params of the stage that made the tokens; null if its record is gone */
  params: PreImage['params'] | null;
  /** folder of the conversations that the tokens were made from */
  conversations: string | null;
}

/** Finds `RUN` or `RUN/STAGE`. Without a stage, the run must have only one with weights. */
export function findModel(runsDir: string, named: string): FoundModel {
  const { run, stage } = runAndStage(named, null);
  const past = findRun(runsDir, run);
  const store = openStore(join(runsDir, 'store'));
  const keys = keysOf(past);
  const found = [...stagesOf(past, keys)].flatMap((name) => {
    const weights = weightsOf({ store, past, stage: name, key: keys.get(name) });
    return weights === null ? [] : [{ name, weights }];
  });
  const chosen = stage === null ? onlyOne(past, found) : found.find(({ name }) => name === stage);
  if (!chosen) throw new UsageError(withoutWeights(past, stage!, [...stagesOf(past, keys)], found));
  const record = preImage(store, keys.get(chosen.name));
  return {
    run: past.run,
    name: past.name,
    stage: chosen.name,
    weights: chosen.weights,
    params: record?.kind === 'train' ? record.params : null,
    tokens: record === null ? [] : tokensOf(store, record, makersOf(past)),
  };
}

// ---------------------------------------------------------------------------

/** Stage → key, also of stages that are running or were stopped. */
function keysOf(past: PastRun): Map<string, Key> {
  const started = runEventReader(join(past.dir, 'events.jsonl'))
    .read()
    .flatMap((event): [string, Key][] =>
      event.kind === 'stage-started' && event.key ? [[event.stage, event.key as Key]] : [],
    );
  const finished = (past.record?.stages ?? []).flatMap(({ name, key }): [string, Key][] =>
    key ? [[name, key as Key]] : [],
  );
  return new Map([...started, ...finished]);
}

const stagesOf = ({ record }: PastRun, keys: Map<string, Key>): Set<string> =>
  new Set([...(record?.planned ?? []).map(({ name }) => name), ...keys.keys()]);

function weightsOf({
  store,
  past,
  stage,
  key,
}: {
  store: Store;
  past: PastRun;
  stage: string;
  key: Key | undefined;
}): FoundModel['weights'] | null {
  const sealed = [artifactsOf(past).get(stage), key === undefined ? undefined : readEntry(store, key)?.artifact];
  for (const digest of sealed) {
    const artifact = digest === undefined ? null : artifactDir(store, digest);
    if (artifact !== null && existsSync(join(artifact, 'final', CHECKPOINT_FILES.config))) return { artifact };
  }
  const scratch = key === undefined ? null : join(workDir(store, key), 'scratch');
  return scratch !== null && hasCheckpoint(scratch) ? { scratch } : null;
}

function hasCheckpoint(scratch: string): boolean {
  const dir = join(scratch, 'checkpoints');
  return existsSync(dir) && readdirSync(dir).some((name) => /^step-\d+$/.test(name));
}

function preImage(store: Store, key: Key | undefined): PreImage | null {
  if (key === undefined) return null;
  return readPreImage(store, key) ?? readJson<StageSpec>(join(workDir(store, key), 'spec.json'))?.preImage ?? null;
}

/** Artifact → key of the stage of the run that made it. */
const makersOf = ({ record }: PastRun): Map<string, Key> =>
  new Map((record?.stages ?? []).flatMap(({ artifact, key }) => (artifact && key ? [[artifact, key as Key]] : [])));

function tokensOf(store: Store, { inputs, params }: PreImage, makers: Map<string, Key>): TrainedOn[] {
  const mix = (params['mix'] ?? []) as { from: string }[];
  const ports = [...new Set([...mix.map(({ from }) => from), ...Object.keys(inputs).sort()])];
  return ports.flatMap((port) => {
    const digest = inputs[port];
    const dir = digest === undefined ? null : artifactDir(store, digest);
    if (dir === null || !isTokens(dir)) return [];
    const made = preImage(store, makers.get(digest!));
    const source = made?.inputs['conversations'];
    return [{ dir, params: made?.params ?? null, conversations: source ? artifactDir(store, source) : null }];
  });
}

// --- errors ----------------------------------------------------------------

interface Named {
  name: string;
}

function onlyOne<Found extends Named>(past: PastRun, found: Found[]): Found {
  const run = past.name;
  const [first, ...others] = found;
  if (first === undefined)
    throw new UsageError(
      `run ${run} has no checkpoint yet: a training writes its first one after \`checkpointEvery\` steps, or at once when you stop it (${calledAs()} stop ${runWord(past)})`,
    );
  if (others.length > 0)
    throw new UsageError(
      `run ${run} has ${found.length} stages with weights: ${listed(found)}; name one: ${run}/${first.name}`,
    );
  return first;
}

function withoutWeights({ name: run }: PastRun, stage: string, stages: string[], found: Named[]): string {
  if (!stages.includes(stage)) return `run ${run} has no stage "${stage}"; ${suggestion(stage, stages, 'stages')}`;
  return `stage "${stage}" of run ${run} has no weights; stages that have: ${listed(found)}`;
}

const listed = (found: Named[]): string => found.map(({ name }) => name).join(', ') || 'none yet';
