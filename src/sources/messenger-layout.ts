import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceFile } from './source.ts';

export interface MessengerThread {
  /** `section/slug_id` as far as the folders say it; null if the source is the thread's own folder */
  id: string | null;
  /** message_1.json, message_2.json, … in the order of their numbers: the newest messages first */
  files: SourceFile[];
}

export interface MessengerFiles {
  /** sorted by id */
  threads: MessengerThread[];
  /** files of the export that hold messages in a form that is not read */
  unread: { place: string; reason: string }[];
}

/**
 * Looks for threads in a folder that is the whole export, a folder of its unpacked parts, its `messages`, one section, or one
 * thread. Reads no file.
 */
export function findMessengerThreads(root: string): MessengerFiles {
  if (!statSync(root).isDirectory()) return { threads: [], unread: [] };
  const found: MessengerFiles = { threads: [], unread: [] };
  addExport(root, '', found);
  // Parts of a download that were each unpacked into a folder of their own.
  if (nothing(found)) for (const name of namesIn(root)) if (isFolder(join(root, name))) addExport(root, name, found);
  if (nothing(found)) addThreads(root, '', '', found);
  if (nothing(found)) addThread(root, '', null, found);
  if (nothing(found)) addFlat(root, '', found);
  found.threads.sort((a, b) => compare(a.id ?? '', b.id ?? '') || compare(a.files[0]!.place, b.files[0]!.place));
  return found;
}

/** Where the messages lay: to 2023, in 2024, and since. */
const ROOTS = ['messages', 'your_activity_across_facebook/messages', 'your_facebook_activity/messages'];
const SECTIONS = ['inbox', 'archived_threads', 'filtered_threads', 'message_requests', 'e2ee_cutover'];

const MESSAGE_FILE = /^message(?:_(\d+))?\.json$/;
const HTML_FILE = /^message(?:_\d+)?\.html$/;
const FLAT_FILE = /_\d+\.json$/;

function addExport(root: string, place: string, found: MessengerFiles): void {
  for (const dir of [...ROOTS.map((dir) => joinPlace(place, dir)).filter((dir) => isFolder(join(root, dir))), place]) {
    for (const section of SECTIONS) addThreads(root, joinPlace(dir, section), section, found);
    if (dir !== place) addFlat(root, dir, found);
  }
}

function addThreads(root: string, place: string, section: string, found: MessengerFiles): void {
  for (const name of namesIn(join(root, place))) {
    const threadPlace = joinPlace(place, name);
    if (isFolder(join(root, threadPlace))) addThread(root, threadPlace, joinPlace(section, name), found);
  }
}

function addThread(root: string, place: string, id: string | null, found: MessengerFiles): void {
  const names = namesIn(join(root, place));
  const files = names.flatMap((name) => numbered(root, place, name)).sort((a, b) => a.number - b.number);
  if (files.length > 0) found.threads.push({ id, files: files.map(({ file }) => file) });
  // Where both forms lie side by side they hold the same messages.
  else found.unread.push(...names.filter((name) => HTML_FILE.test(name)).map((name) => ({ place: joinPlace(place, name), reason: 'HTML is not read: ask for the export in JSON' })));
}

/** The end-to-end encrypted export: files such as `alice_1.json` right under `messages`. */
function addFlat(root: string, place: string, found: MessengerFiles): void {
  for (const name of namesIn(join(root, place))) {
    if (FLAT_FILE.test(name)) found.unread.push({ place: joinPlace(place, name), reason: 'the flat end-to-end encrypted form is not read yet' });
  }
}

function numbered(root: string, place: string, name: string): { number: number; file: SourceFile }[] {
  const match = MESSAGE_FILE.exec(name);
  if (!match) return [];
  const path = join(root, place, name);
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? [{ number: Number(match[1] ?? 0), file: { path, place: joinPlace(place, name), bytes: found.size } }] : [];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function nothing({ threads, unread }: MessengerFiles): boolean {
  return threads.length === 0 && unread.length === 0;
}

function joinPlace(place: string, name: string): string {
  return place && name ? `${place}/${name}` : place || name;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function namesIn(path: string): string[] {
  return isFolder(path) ? readdirSync(path).sort() : [];
}
