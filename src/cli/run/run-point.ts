import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { stringify } from 'yaml';
import type { Continues, Listener, RunEvent, StageResult } from '../../pipeline/events.ts';
import { kinds } from '../../../stages/index.ts';
import { namesHidden } from '../../files/nameless-text.ts';
import { namedSources, readsChats } from '../../pipeline/named-sources.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { flatParams } from '../../pipeline/flat-params.ts';
import { tagOf, writeLabels } from '../../tracking/labels/labels.ts';
import type { Pipeline, PipelineLabels } from '../../pipeline/pipeline.ts';
import { executePipeline } from '../../run/execute.ts';
import { broadcast, whileFolderExists } from '../../run/listeners.ts';
import { eventsListener, makeRunFolder, pointLatest, recordListener } from '../../history/record.ts';
import type { RunFolder } from '../../history/record.ts';
import { StoreError, toStoreError } from '../../store/store-error.ts';
import type { Session } from '../../run/session.ts';
import type { LoadedPoint } from '../load/load-pipeline.ts';
import { gitCommitAt } from '../../tracking/journal/git-commit.ts';
import { continuedRun } from './continued-run.ts';
import { trackRun } from './tracker.ts';
import type { Tracker } from './tracker.ts';

/** What `run --json` prints about a run. */
export interface RunSummary {
  run: string;
  runUid: string;
  dir: string;
  /** nothing failed, nothing was stopped */
  ok: boolean;
  /** a stage paused as asked; the stages that need it have not run */
  paused?: true;
  stages: StageResult[];
}

export interface PointContext {
  /** absolute path of the pipeline file */
  file: string;
  runsDir: string;
  session: Session;
  sweepId: string | null;
  tracker: Tracker;
  /** makes the listener that shows one run */
  show(): Listener;
  say(text: string): void;
  /** whether a person has asked the run to end */
  byPerson(): boolean;
}

export interface PointOptions {
  /** the folder of a paused run to continue */
  folder?: RunFolder | undefined;
  /** stage → the step at which it pauses */
  pauses?: Record<string, number>;
}

/**
 * One run of one pipeline, from creating its folder to its summary. The plan is frozen: the user's YAML is not read
 * again.
 */
export async function runPoint(
  point: LoadedPoint,
  { file, runsDir, session, sweepId, tracker, show, say, byPerson }: PointContext,
  options: PointOptions = {},
): Promise<RunSummary> {
  const { pipeline, facts, sourcePaths } = point;
  const continues = options.folder ? null : continuedRun(point, runsDir);
  const folder = options.folder ?? runFolder(runsDir, pipeline, say);
  if (pipeline.labels && !options.folder) labelRun(folder.dir, pipeline.labels, say);
  const tracked = trackRun(tracker, {
    runDir: folder.dir,
    runsDir,
    continues,
    sendsModel: Boolean(pipeline.trackedModel),
  });
  const inFolder = broadcast(
    { 'the run record': recordListener(), "the run's events": eventsListener(), 'the journal': tracked.listen },
    say,
  );
  const listen = broadcast(
    { "the run's folder": whileFolderExists(folder.dir, inFolder, say), 'the terminal': show() },
    say,
  );
  listen(startedEvent(folder, pipeline, { file, sweepId, continues }));
  const stages = await executePipeline({
    pipeline,
    facts,
    sourcePaths,
    ...(options.pauses ? { pauses: options.pauses } : {}),
    priority: pipeline.point?.index ?? 0,
    listen,
    session,
  });
  const paused =
    stages.some(({ outcome }) => outcome === 'paused') &&
    stages.every(({ outcome }) => outcome !== 'failed' && outcome !== 'stopped');
  const ok =
    paused || stages.every(({ outcome }) => outcome === 'cached' || outcome === 'ran' || outcome === 'resumed');
  listen({ kind: 'run-finished', ok, stopped: !ok && byPerson(), ...(paused ? { paused } : {}), time: Date.now() });
  await tracked.close();
  return { run: folder.run, runUid: folder.runUid, dir: folder.dir, ok, ...(paused ? { paused } : {}), stages };
}

// ---------------------------------------------------------------------------

/** The run's folder; where `runs/` cannot be written, a temporary one, because cached stages can be used all the same. */
function runFolder(runsDir: string, pipeline: Pipeline, say: (text: string) => void): RunFolder {
  const yaml = resolvedYaml(pipeline);
  try {
    const folder = makeRunFolder(runsDir, pipeline.name, yaml);
    const trouble = pointLatest(runsDir, folder.run);
    if (trouble !== null) say(trouble);
    return folder;
  } catch (error) {
    const storeError = toStoreError(error, runsDir);
    if (!(storeError instanceof StoreError)) throw error;
    const folder = makeRunFolder(mkdtempSync(join(tmpdir(), 'chat-runner-')), pipeline.name, yaml);
    say(`${storeError.message}\n  this run is recorded only in ${folder.dir}`);
    return folder;
  }
}

/** A run whose labels cannot be written goes on without them. */
function labelRun(dir: string, { description, tags, notes }: PipelineLabels, say: (text: string) => void): void {
  try {
    writeLabels(dir, {
      description,
      tags: Object.fromEntries(tags.map(tagOf)),
      notes: notes === null ? [] : [notes],
    });
  } catch (error) {
    say(`the run has no tags and notes: ${(error as Error).message}`);
  }
}

function startedEvent(
  { run, runUid, dir }: RunFolder,
  pipeline: Pipeline,
  { file, sweepId, continues }: { file: string; sweepId: string | null; continues: Continues | null },
): RunEvent {
  const { point } = pipeline;
  const nameless = namelessFor(pipeline);
  const sweep =
    point && sweepId
      ? {
          id: sweepId,
          index: point.index,
          paths: Object.keys(point.values),
          values: namelessValues({ ...point.values, ...point.names }, nameless),
        }
      : null;
  const stages = pipeline.stages.map(({ name, kind }) => ({ name, kind }));
  return {
    kind: 'run-started',
    run,
    runUid,
    dir,
    pipeline: pipeline.name,
    experiment: pipeline.experiment ?? (process.env['MLFLOW_EXPERIMENT_NAME'] || pipeline.name),
    title: nameless(point?.title ?? `${pipeline.name}-${run.slice(-4)}`),
    stages,
    params: Object.fromEntries(Object.entries(flatParams(pipeline)).map(([name, value]) => [name, nameless(value)])),
    ...(pipeline.chosen ? { chosen: [...pipeline.chosen] } : {}),
    source: { name: basename(file), commit: gitCommitAt(dirname(file)) },
    ...(continues ? { continues } : {}),
    ...(pipeline.trackedModel ? { trackedModel: pipeline.trackedModel } : {}),
    sweep,
    time: Date.now(),
  };
}

/** Removes the names of people from the paths of sources: the event goes to the journal and the tracker. */
function namelessFor({ stages }: Pipeline): (text: string) => string {
  const named = stages.flatMap(({ kind, params }) =>
    kinds[kind] && readsChats(kinds[kind], params) ? namedSources(kinds[kind], params) : [],
  );
  return namesHidden(named.map(({ named: written }) => ({ written, onDisk: null })));
}

const namelessValues = (values: Record<string, Json>, nameless: (text: string) => string): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(values).map(([path, value]) => [path, typeof value === 'string' ? nameless(value) : value]),
  );

/** The pipeline as it ran: every default written out, `use:` and `--set` applied. It can be run again as it is. */
function resolvedYaml({ name, experiment, labels, stages }: Pipeline): string {
  const written = Object.fromEntries(stages.map(({ name: stage, ...rest }) => [stage, rest]));
  const said = Object.entries(labels ?? {}).filter(([, value]) => value !== null && value.length > 0);
  return stringify({
    name,
    ...(experiment === null ? {} : { experiment }),
    ...Object.fromEntries(said),
    stages: written,
  });
}
