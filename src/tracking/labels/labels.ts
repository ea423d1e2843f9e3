import { join } from 'node:path';
import { readJson } from '../../files/read-file.ts';
import { replaceFileDurably } from '../../files/replace-file.ts';

/** What people say about a run, in `runs/RUN/labels.json`. Nothing of it is part of a key. */
export interface Labels {
  description: string | null;
  /** a tag without a value has an empty one */
  tags: Record<string, string>;
  /** in the order in which they were added */
  notes: string[];
}

export const LABELS_FILE = 'labels.json';

/** Empty if the file is missing or damaged. */
export function readLabels(dir: string): Labels {
  const { description, tags, notes } = readJson<Partial<Labels>>(join(dir, LABELS_FILE)) ?? {};
  return {
    description: typeof description === 'string' ? description : null,
    tags: Object.fromEntries(
      Object.entries(tags ?? {}).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
    ),
    notes: Array.isArray(notes) ? notes.filter((note) => typeof note === 'string') : [],
  };
}

export function writeLabels(dir: string, labels: Labels): void {
  replaceFileDurably(join(dir, LABELS_FILE), `${JSON.stringify(labels, null, 2)}\n`);
}

/** `lr=low` as a name and a value; `draft` has an empty value. */
export function tagOf(text: string): [name: string, value: string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

export const tagText = ([name, value]: [string, string]): string => (value === '' ? name : `${name}=${value}`);
