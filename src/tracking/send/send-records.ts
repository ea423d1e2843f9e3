/** Sends journal records to MLflow, in order. Every call can safely be repeated. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { JournalRecord, RunRecord } from '../journal/journal.ts';
import { sentParams } from '../journal/sent-params.ts';
import { getRun, logMetrics, logParams, setTags, updateRun } from '../mlflow/client.ts';
import type { MlflowClient, MlflowRun } from '../mlflow/client.ts';
import { MlflowError } from '../mlflow/error.ts';
import { sendModel } from './send-model.ts';
import { logInputs } from '../mlflow/inputs.ts';
import { putArtifact } from '../mlflow/artifact.ts';
import { legalKey, limits, metricPoint, RefusedValue } from '../mlflow/values.ts';
import type { MetricPoint } from '../mlflow/values.ts';

export interface RecordTarget {
  client: MlflowClient;
  run: MlflowRun;
  journalPath: string;
  /** reports a record that the server will never accept, once for each `about`; the record is skipped */
  refuse: (about: string, text: string) => void;
}

/**
 * Sending many known points again makes the server read the run's whole history, so batches stay well below its limit
 * of 1000.
 */
const batchPoints = Math.min(500, limits.batchMetrics);

/** Throws MlflowError if something should be sent again later; never throws RefusedValue. */
export async function sendRecords(target: RecordTarget, records: JournalRecord[]): Promise<void> {
  for (let from = 0; from < records.length;) {
    const kind = records[from]?.kind;
    let to = from + 1;
    while (to < records.length && records[to]?.kind === kind) to++;
    await sendSameKind(target, records.slice(from, to));
    from = to;
  }
}

/** Calls `warn` once for each `about`. */
export function refusalsTo(warn: (text: string) => void): RecordTarget['refuse'] {
  const reported = new Set<string>();
  return (about, text) => {
    if (!reported.has(about)) warn(text);
    reported.add(about);
  };
}

// ---------------------------------------------------------------------------------------------------------------------

/** Sends adjacent records of one kind. */
async function sendSameKind(target: RecordTarget, records: JournalRecord[]): Promise<void> {
  const points: MetricPoint[] = [];
  const tags: Record<string, string> = {};
  for (const record of records) {
    switch (record.kind) {
      case 'run':
        await sendRun(target, record);
        break;
      case 'metric':
        if (record.used && target.run.tags['mlflow.parentRunId']) break; // its parent has it
        await orRefused(target, record.name, () => points.push(metricPoint(record)));
        break;
      case 'tag':
        tags[record.key] = record.value;
        break;
      case 'artifact':
        await sendFile(target, record.path, resolve(dirname(target.journalPath), record.file));
        break;
      case 'dataset':
        await orRefused(target, record.name, () => logInputs(target.client, target.run.runId, [record]));
        break;
      case 'model':
        await orRefused(target, `the model ${record.name}`, () => sendModel(target.client, target.run, record));
        break;
      case 'end':
        await updateRun(target.client, target.run.runId, { status: record.status, endTime: record.time });
        break;
      default:
        target.refuse(
          'kind',
          `the journal ${target.journalPath} contains records of a kind that this version does not know; they are not sent`,
        );
    }
  }
  for (let from = 0; from < points.length; from += batchPoints)
    await sendPoints(target, points.slice(from, from + batchPoints));
  await orRefused(target, 'tags', () => setTags(target.client, target.run.runId, tags));
}

/** Also called when a run resumes after its end: it is then running again. */
async function sendRun({ client, run, ...target }: RecordTarget, record: RunRecord): Promise<void> {
  await updateRun(client, run.runId, { status: 'RUNNING' });
  // a param never changes in MLflow
  const params = Object.entries(sentParams(record)).filter(([name]) => !Object.hasOwn(run.params, legalKey(name)));
  await orRefused({ client, run, ...target }, 'params', () => logParams(client, run.runId, Object.fromEntries(params)));
  // A person may have given the run another name, and a resumed training goes on in a run that has its own identity.
  const { 'mlflow.runName': _, run_uid: __, 'run.kind': ___, ...tags } = record.tags;
  await orRefused({ client, run, ...target }, 'tags', () => setTags(client, run.runId, tags));
}

/** A refused batch stores nothing, so it is halved until the points that the server refuses are alone. */
async function sendPoints(target: RecordTarget, points: MetricPoint[]): Promise<void> {
  try {
    await logMetrics(target.client, target.run.runId, points);
  } catch (error) {
    if (!isRefusal(error) || !(await runAcceptsRecords(target))) throw error;
    const key = points[0]?.key ?? '';
    if (points.length === 1) return target.refuse(key, `MLflow refused a value of ${key}: ${error.message}`);
    await sendPoints(target, points.slice(0, points.length >> 1));
    await sendPoints(target, points.slice(points.length >> 1));
  }
}

async function sendFile(target: RecordTarget, path: string, filePath: string): Promise<void> {
  if (!existsSync(filePath)) return target.refuse(path, `the file for the artifact ${path} is missing: ${filePath}`);
  await orRefused(target, path, () => putArtifact(target.client, target.run, path, filePath));
}

/** Reports and skips what can never succeed; throws what may succeed later. */
async function orRefused(target: RecordTarget, about: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof RefusedValue) && !(isRefusal(error) && (await runAcceptsRecords(target)))) throw error;
    target.refuse(about, `MLflow refused ${about}: ${error.message}`);
  }
}

/** A 400 without MLflow's error code comes from a proxy; a 413 always does, and says that the request is too large. */
function isRefusal(error: unknown): error is MlflowError {
  if (!(error instanceof MlflowError) || error.transient) return false;
  return error.status === 413 || (error.status === 400 && error.code !== '');
}

/** False if the run was deleted meanwhile, which also gives a 400. */
async function runAcceptsRecords({ client, run }: RecordTarget): Promise<boolean> {
  const now = await getRun(client, run.runId);
  return now !== null && !now.deleted;
}
