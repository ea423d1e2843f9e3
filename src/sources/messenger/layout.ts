import type { TreeFile } from '../archive/tree-file.ts';

/** One file of a thread. */
export interface ThreadFile {
  file: TreeFile;
  form: 'json' | 'html' | 'flat';
  /** the number in message_1, message_2, …; message_1 has the newest messages */
  number: number;
  /** the export and section of the file; repeated messages within one copy are not duplicates */
  copy: string;
}

export interface MessengerThread {
  /** `section/slug_id`, or less if folders are missing; null if the source is the thread's own folder or file */
  id: string | null;
  /** ordered by number */
  files: ThreadFile[];
}

export interface MessengerLayout {
  /** sorted by id */
  threads: MessengerThread[];
  /** files of the end-to-end encrypted export, which have no thread folders: one thread each */
  flat: MessengerThread[];
  /** HTML files that are not read because the thread also exists in JSON, in another folder */
  ignoredHtml: TreeFile[];
  /** files in an unsupported form */
  unsupported: { place: string; reason: string }[];
}

export const SECTIONS = ['inbox', 'archived_threads', 'filtered_threads', 'message_requests', 'e2ee_cutover'] as const;
export type Section = (typeof SECTIONS)[number];
export type MetaApp = 'messenger' | 'instagram';

/** Whether a file can belong to an export, judging by its name. */
export function isMessageFile(place: string): boolean {
  const name = baseName(place);
  if (name.startsWith('._')) return false; // macOS metadata
  return MESSAGE_FILE.test(name) || FLAT_FILE.test(name) || Object.hasOwn(OLD_FILES, name);
}

/**
 * Groups the files of one or several exports, each possibly in several parts, into threads, using only their paths. The
 * same thread in two sections or exports is one thread.
 */
export function messengerLayout(
  files: TreeFile[],
  app: MetaApp,
  sections: readonly Section[] = SECTIONS,
): MessengerLayout {
  const appFiles = files.filter(({ place }) => !(app === 'messenger' ? INSTAGRAM : FACEBOOK).test(place));
  const located = appFiles.flatMap(locateFile);
  // The source itself may be a section or a thread. Only then do files outside of sections count.
  const nearest = (['section', 'thread', 'file'] as const).find((kind) => located.some((file) => file.kind === kind));
  const chosen = located.filter(
    (file) => file.kind === nearest && (file.section === '' || sections.includes(file.section as Section)),
  );
  const flat = appFiles.flatMap((file) => flatThread(file));
  const unsupported = appFiles.flatMap(({ place }) =>
    OLD_FILES[baseName(place)]?.app === app ? [{ place, reason: OLD_FILES[baseName(place)]!.reason }] : [],
  );
  return { ...groupThreads(chosen), flat, unsupported };
}

const FACEBOOK = /(^|\/)your_(activity_across_facebook|facebook_activity)\//;
const INSTAGRAM = /(^|\/)your_instagram_activity\//;

const MESSAGE_FILE = /^message(?:_(\d+))?\.(json|html)$/;
const FLAT_FILE = /_(\d+)\.json$/;
/** Old exports, with all messages in one file. */
const OLD_FILES: Record<string, { app: MetaApp; reason: string }> = {
  'messages.htm': {
    app: 'messenger',
    reason: 'an export of before 2018, which is not read: ask Facebook for a new one, in JSON',
  },
  'messages.json': {
    app: 'instagram',
    reason: 'an export of before 2020, which is not read: ask Instagram for a new one, in JSON',
  },
};

interface LocatedFile extends ThreadFile {
  kind: 'section' | 'thread' | 'file';
  section: string;
  folder: string;
}

function locateFile(file: TreeFile): LocatedFile[] {
  const names = file.place.split('/');
  const match = MESSAGE_FILE.exec(names.at(-1)!);
  if (!match) return [];
  const [section = '', folder = ''] = [names.at(-3), names.at(-2)];
  const inSection = (SECTIONS as readonly string[]).includes(section);
  if (!inSection && names.length > 2) return [];
  const copy = names.slice(0, -2).join('/');
  const form = match[2] === 'html' ? ('html' as const) : ('json' as const);
  return [
    {
      file,
      form,
      number: Number(match[1] ?? 0),
      copy,
      kind: inSection ? 'section' : folder ? 'thread' : 'file',
      section: inSection ? section : '',
      folder,
    },
  ];
}

/** `alice_1.json` directly in the source, in one of its parts, or in `messages`. */
function flatThread(file: TreeFile): MessengerThread[] {
  const names = file.place.split('/');
  const name = names.at(-1)!;
  if (!FLAT_FILE.test(name) || MESSAGE_FILE.test(name)) return [];
  if (names.length > 2 && names.at(-2) !== 'messages') return [];
  return [
    {
      id: name.slice(0, -'.json'.length),
      files: [{ file, form: 'flat', number: 1, copy: `${names.slice(0, -1).join('/')}/flat` }],
    },
  ];
}

function groupThreads(located: LocatedFile[]): Pick<MessengerLayout, 'threads' | 'ignoredHtml'> {
  const byKey = new Map<string, LocatedFile[]>();
  for (const file of located) {
    const key = threadKey(file.folder);
    byKey.set(key, [...(byKey.get(key) ?? []), file]);
  }
  const threads: MessengerThread[] = [];
  const ignoredHtml: TreeFile[] = [];
  for (const group of byKey.values()) {
    const json = group.filter(({ form }) => form === 'json');
    // Both forms have the same messages, but HTML lacks seconds. HTML next to the JSON is from the same export and can
    // be ignored silently. Other HTML is reported.
    const files = json.length > 0 ? json : group;
    const folders = new Set(json.map(({ copy }) => copy));
    if (json.length > 0)
      ignoredHtml.push(
        ...group.filter(({ form, copy }) => form === 'html' && !folders.has(copy)).map(({ file }) => file),
      );
    threads.push({
      id: threadId(files),
      files: files.sort((a, b) => a.number - b.number || compare(a.file.place, b.file.place)),
    });
  }
  threads.sort((a, b) => compare(a.id ?? '', b.id ?? ''));
  return { threads, ignoredHtml };
}

/** Folders are named `<slug>_<id>`. The slug changes with the name of the person or group; the long id does not. */
function threadKey(folder: string): string {
  return /_(\d{8,})$/.exec(folder)?.[1] ?? folder;
}

function threadId(files: LocatedFile[]): string | null {
  const rank = ({ section }: LocatedFile): number => (SECTIONS as readonly string[]).indexOf(section);
  const [first] = [...files].sort((a, b) => rank(a) - rank(b) || compare(a.folder, b.folder));
  if (!first || first.folder === '') return null;
  return first.section ? `${first.section}/${first.folder}` : first.folder;
}

function baseName(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
