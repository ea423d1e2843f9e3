import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { diskFile, type TreeFile } from './archive/tree-file.ts';
import { isZip, openTree } from './archive/tree.ts';
import { isCompanion } from './exports/companions.ts';
import { ENDINGS } from './formats.ts';
import type { SourceFormat } from './format-names.ts';
import { isMessageFile, messengerLayout, type MetaApp } from './messenger/layout.ts';
import { filesAt, fileStart } from './source-bytes.ts';
import { sniffFormat } from './sniff-format.ts';
import { describeUnrecognized, type Unrecognized } from './unrecognized.ts';

/** What is at `path`, where no known format was recognized. */
export async function whatIsThere(path: string): Promise<Unrecognized | null> {
  for (const file of await chatFiles(path)) {
    const found = describeUnrecognized(await fileStart(file));
    if (found !== null) return found;
  }
  return null;
}

/** What there is in place of chats, if there is nothing to read at all: `an empty folder`. Null if there is something. */
export async function emptiness(path: string): Promise<string | null> {
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && !isZip(path)) return statSync(path).size === 0 ? 'an empty file' : null;
  const { files, refused } = await openTree(path, (place) => !/(^|\/)(\.|__MACOSX\/)/.test(place));
  if (refused.length > 0 || files.some(({ bytes }) => bytes > 0)) return null;
  const what = isFolder ? 'folder' : '.zip';
  return files.length === 0 ? `an empty ${what}` : `a ${what} of empty files`;
}

export interface FormatCount {
  /** null: of no known format */
  format: SourceFormat | null;
  files: number;
  /** the endings of their names */
  endings: string[];
}

/**
 * The formats in a folder or .zip, if there are several: a reader of one of them would leave out the others. Empty if
 * all files are of the format `likely`. Empty files do not count, nor do web pages and notes.
 */
export async function mixedFormats(path: string, likely: SourceFormat): Promise<FormatCount[]> {
  if (!statSync(path).isDirectory() && !isZip(path)) return [];
  const counts = new Map<SourceFormat | null, FormatCount>();
  const count = (format: SourceFormat | null, ending: string): void => {
    const known = counts.get(format) ?? { format, files: 0, endings: [] };
    counts.set(format, known);
    known.files++;
    if (!known.endings.includes(ending)) known.endings.push(ending);
  };
  const apps = await metaApps(path);
  for (const app of apps) count(app, '.json or .html');
  const inMetaExport = apps.length > 0;
  for (const file of await chatFiles(path)) {
    const start = await fileStart(file);
    if (start.length === 0) continue;
    const format = isCompanion(likely, file.place) ? likely : sniffFormat(start);
    const ending = ENDINGS.find((known) => file.place.toLowerCase().endsWith(known)) ?? '.html';
    if (isOtherApp(format) || (!inMetaExport && !PAGE.test(file.place))) count(format, ending);
  }
  return counts.size > 1
    ? [...counts.values()].sort((a, b) => Number(b.format === likely) - Number(a.format === likely))
    : [];
}

/** Only Instagram's threads lie in a folder that names the app; all others may be Messenger's. */
async function metaApps(path: string): Promise<MetaApp[]> {
  const isInstagram = ({ place }: TreeFile): boolean => /(^|\/)your_instagram_activity\//.test(place);
  const { files } = await openTree(path, isMessageFile);
  const named = files.some(isInstagram);
  const others = named ? files.filter((file) => !isInstagram(file)) : files;
  if (messengerLayout(others, 'messenger').threads.length > 0)
    return named ? ['messenger', 'instagram'] : ['messenger'];
  return named ? ['instagram'] : [];
}

/** Exports come with pages that are no chats. */
const PAGE = /\.(html?|md)$/i;

async function chatFiles(path: string): Promise<TreeFile[]> {
  if (!statSync(path).isDirectory() && !isZip(path)) return [diskFile(path, '', 0)];
  const { files } = await filesAt(path, [...ENDINGS, '.htm']);
  return files.filter(({ place }) => !basename(place).startsWith('.')); // metadata of macOS
}

/** Whether it is surely a chat of another app. An export of Meta holds more JSON, text and tables than its messages. */
function isOtherApp(format: SourceFormat | null): boolean {
  return format !== null && !['messenger', 'instagram', 'jsonl', 'csv', 'dialogue', 'text'].includes(format);
}
