/**
 * Turns a run's events into journal records: one flat MLflow run for each run of a pipeline.
 *
 * `best/*` is journaled at step 0, so that MLflow draws it as a bar.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Listener, RunEvent, StageResult } from '../../pipeline/events.ts';
import { userName } from '../../files/user-name.ts';
import type { Kinds } from '../../pipeline/stage-kind.ts';
import { dataSetsOf } from './data-sets.ts';
import type { EndStatus, Journal, JournalRecord, RunRecord } from './journal.ts';
import { plainDecimalText } from '../../numbers/plain-decimal.ts';
import { markOf } from '../../process/process-mark.ts';
import { openTrackedFiles } from './tracked-files.ts';
import type { TrackedFiles } from './tracked-files.ts';
import { metricPrefix } from './metric-prefix.ts';
import { isBest, repeatedPoints } from './repeated-points.ts';
import type { RepeatedPoints } from './repeated-points.ts';

type RunStarted = Extract<RunEvent, { kind: 'run-started' }>;
type StageEventOfRun = Extract<RunEvent, { kind: 'stage-event' }>;

/** Throws if the journal cannot be written (a full disk). */
export function journalListener(journal: Journal, kinds: Kinds): Listener {
  const points = repeatedPoints(journal.earlier.filter((record) => record.kind === 'metric'));
  let run: { started: RunStarted; files: TrackedFiles } | null = null;
  return (event) => {
    if (event.kind === 'run-started') {
      run = { started: event, files: openTrackedFiles(event, journal, kinds) };
      journal.append(runRecord(event, kinds));
      run.files.pipeline();
      return;
    }
    if (!run) return;
    switch (event.kind) {
      case 'stage-started':
        journal.append({ kind: 'tag', key: `stage.${event.stage}`, value: 'running' });
        break;
      case 'stage-event':
        journalStageEvent(journal, run.started, run.files, points, event);
        break;
      case 'stage-finished':
        for (const record of outcomeTags(event.result)) journal.append(record);
        for (const record of dataSetsOf(event.result, event.dir)) journal.append(record);
        run.files.stage(event.result, event.dir);
        for (const record of modelOf(event, run.started)) journal.append(record);
        break;
      case 'run-finished':
        run.files.pipeline();
        journal.append({ kind: 'end', status: endStatus(event), time: event.time });
        break;
    }
  };
}

/** The param name for a swept path: `stages.model.params.schedule.peak` → `model.schedule.peak`. */
export function paramName(path: string): string {
  const match = /^stages\.([^.]+)\.(?:params\.)?(.+)$/.exec(path);
  return match ? `${match[1]}.${match[2]}` : path;
}

// ---------------------------------------------------------------------------------------------------------------------

/** Easy to tell apart, on a white or a dark background. */
const sweepColours = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
];

function runRecord(event: RunStarted, kinds: Kinds): RunRecord {
  const { sweep } = event;
  const swept = Object.entries(sweep?.values ?? {}).map(([path, value]) => [paramName(path), asText(value)] as const);
  // MLflow leaves a run out of parallel coordinates if it lacks a swept param
  const params = { ...Object.fromEntries(swept), ...event.params };
  return {
    kind: 'run',
    uid: event.runUid,
    experiment: event.experiment,
    title: event.title,
    time: Math.round(event.time),
    tags: runTags(event),
    params: Object.fromEntries(Object.entries(params).map(([name, value]) => [name, plainDecimalText(value)])),
    ...(event.chosen ? { chosen: shownParams(event.chosen, Object.keys(params), event.stages, kinds) } : {}),
    stages: event.stages,
    sweep: sweep ? { id: sweep.id, index: sweep.index, params: sweep.paths.map(paramName) } : null,
    ...(event.continues ? { continues: event.continues } : {}),
    writer: markOf(process.pid),
  };
}

/** The chosen params, the swept ones, and those that give the size of a stage. */
function shownParams(chosen: string[], all: string[], stages: RunRecord['stages'], kinds: Kinds): string[] {
  const sizes = stages.flatMap(({ name, kind }) => (kinds[kind]?.sizeParams ?? []).map((param) => `${name}.${param}`));
  const shown = new Set([...chosen, ...sizes]);
  const stageNames = new Set(stages.map(({ name }) => name));
  const ofStage = (name: string): boolean => stageNames.has(name.slice(0, name.indexOf('.')));
  return all.filter((name) => shown.has(name) || !ofStage(name));
}

function runTags(event: RunStarted): Record<string, string> {
  const user = process.env.MLFLOW_TRACKING_USERNAME || userName();
  const { sweep, source } = event;
  return {
    run_uid: event.runUid,
    'run.kind': 'pipeline',
    'run.folder': event.run,
    pipeline: event.pipeline,
    ...(sweep
      ? {
          'sweep.id': sweep.id,
          'sweep.index': String(sweep.index),
          'mlflow.runColor': sweepColours[sweep.index % sweepColours.length] ?? '',
        }
      : {}),
    'mlflow.runName': event.title,
    'mlflow.source.type': 'LOCAL',
    'mlflow.source.name': source?.name ?? event.pipeline,
    ...(source?.commit ? { 'mlflow.source.git.commit': source.commit } : {}),
    ...(user ? { 'mlflow.user': user } : {}),
  };
}

function journalStageEvent(
  journal: Journal,
  started: RunStarted,
  files: TrackedFiles,
  points: RepeatedPoints,
  { stage: name, event, replayed }: StageEventOfRun,
): void {
  const stage = started.stages.find((candidate) => candidate.name === name);
  if (!stage) return;
  if (event.kind === 'sample') files.sample(stage, event);
  if (event.kind === 'attempt' || event.kind === 'resumed') points.beginAttempt(name);
  if (event.kind !== 'metric') return;
  const point = {
    kind: 'metric' as const,
    name: metricPrefix(stage, started.stages) + event.name,
    step: Math.round(event.step),
    value: event.value,
    time: Math.round(event.time),
    ...(replayed && started.continues?.as === 'use' ? { used: true as const } : {}),
  };
  if (points.isRepeated(name, point)) return;
  journal.append(isBest(event.name) ? { ...point, step: 0 } : point);
  points.add(name, point);
}

/** The best weights of a finished training, only if the pipeline file asks to send them. */
function modelOf(
  { result: { name, artifact }, dir }: Extract<RunEvent, { kind: 'stage-finished' }>,
  { trackedModel }: RunStarted,
): JournalRecord[] {
  if (!trackedModel || dir === null || artifact === null || !existsSync(join(dir, 'best', 'config.json'))) return [];
  return [{ kind: 'model', name, dir: join(dir, 'best'), digest: artifact, register: trackedModel.register }];
}

function outcomeTags(result: StageResult): JournalRecord[] {
  const about = `stage.${result.name}`;
  return [
    { kind: 'tag', key: about, value: result.outcome },
    ...(result.resumedAt === undefined
      ? []
      : [{ kind: 'tag' as const, key: `${about}.resumed_at`, value: String(result.resumedAt) }]),
    ...(result.pausedAt === undefined
      ? []
      : [{ kind: 'tag' as const, key: `${about}.paused_at`, value: String(result.pausedAt) }]),
    ...(result.error === undefined
      ? []
      : [{ kind: 'tag' as const, key: `${about}.error`, value: result.error.slice(0, 1000) }]),
  ];
}

/**
 * MLflow has no status for a paused run. Hyperparameter searches mark a pruned trial as KILLED, so we do the same; the
 * stage's tag says that it is paused.
 */
function endStatus(event: Extract<RunEvent, { kind: 'run-finished' }>): EndStatus {
  if (event.stopped || event.paused) return 'KILLED';
  return event.ok ? 'FINISHED' : 'FAILED';
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}
