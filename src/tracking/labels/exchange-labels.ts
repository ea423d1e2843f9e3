/**
 * Keeps a run's description, tags and notes the same here and in MLflow, whichever side a person changes. What both
 * sides last agreed on tells which of them has changed; if both have, MLflow's value is kept.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deleteTag, setTags } from '../mlflow/client.ts';
import type { MlflowClient, MlflowRun } from '../mlflow/client.ts';
import { legalKey, tagValue } from '../mlflow/values.ts';
import { LABELS_FILE, readLabels, writeLabels } from './labels.ts';
import { noteText, readNoteText } from './note-text.ts';

/** Tags as MLflow has them, the description among them. */
export type LabelTags = Record<string, string>;

/** A run's labels as they are on disk, without those that MLflow cannot have. */
export function localLabels(journalPath: string): LabelTags {
  const dir = dirname(journalPath);
  if (!existsSync(join(dir, LABELS_FILE))) return {};
  const labels = readLabels(dir);
  const note = noteText(labels);
  const tags = { ...labels.tags, ...(note === '' ? {} : { [NOTE]: note }) };
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => (isLabel(key, value) ? [[key, tagValue(value)]] : [])),
  );
}

/** The tags of a run in MLflow that people have set, here or there. */
export function remoteLabels({ tags }: Pick<MlflowRun, 'tags'>): LabelTags {
  return Object.fromEntries(Object.entries(tags).filter(([key, value]) => isLabel(key, value)));
}

export const sameLabels = (a: LabelTags, b: LabelTags): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, value]) => b[key] === value);

/**
 * Brings both sides to the same state and returns it. `agreed`: what this returned last time. `refuse` gets the tags
 * that MLflow cannot have.
 */
export async function exchangeLabels(
  client: MlflowClient,
  run: MlflowRun,
  { journalPath, agreed }: { journalPath: string; agreed: LabelTags },
  refuse: (about: string, text: string) => void,
): Promise<LabelTags> {
  const local = localLabels(journalPath);
  const remote = remoteLabels(run);
  const toServer: LabelTags = {};
  const fromServer: Record<string, string | undefined> = {};
  for (const key of new Set([...Object.keys(local), ...Object.keys(remote), ...Object.keys(agreed)])) {
    if (local[key] === remote[key]) continue;
    if (remote[key] !== agreed[key]) fromServer[key] = remote[key];
    else if (local[key] === undefined) await deleteTag(client, run.runId, key);
    else toServer[key] = local[key];
  }
  for (const key of Object.keys(readLabels(dirname(journalPath)).tags))
    if (!isLabel(key, ''))
      refuse(`tag ${key}`, `the tag "${key}" is not sent to MLflow, which has another use for such a name`);
  await setTags(client, run.runId, toServer);
  if (Object.keys(fromServer).length > 0) changeLocal(dirname(journalPath), fromServer);
  return localLabels(journalPath);
}

// ---------------------------------------------------------------------------------------------------------------------

const NOTE = 'mlflow.note.content';
const OUR_TAGS = /^(mlflow\..*|run_uid|pipeline|run\..*|sweep\..*|stage\..*)$/;

function isLabel(key: string, value: string): boolean {
  return key === NOTE ? value !== '' : !OUR_TAGS.test(key) && legalKey(key) === key;
}

function changeLocal(dir: string, changes: Record<string, string | undefined>): void {
  const labels = readLabels(dir);
  const { [NOTE]: note, ...changedTags } = changes;
  const kept = Object.entries({ ...labels.tags, ...changedTags });
  const tags = Object.fromEntries(kept.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const written = Object.hasOwn(changes, NOTE) ? readNoteText(note ?? '') : {};
  writeLabels(dir, { ...labels, ...written, tags });
}
