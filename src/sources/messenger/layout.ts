import type { TreeFile } from '../archive/tree-file.ts';

/** One file of a thread, and where the thread's other files may come from. */
export interface ThreadFile {
  file: TreeFile;
  form: 'json' | 'html' | 'flat';
  /** of message_1, message_2, …: the newest messages are in the first */
  number: number;
  /** the export and section it lies in: what is said twice within one of them was said twice */
  copy: string;
}

export interface MessengerThread {
  /** `section/slug_id` as far as the folders say it; null if the source is the thread's own folder or file */
  id: string | null;
  /** in the order of their numbers */
  files: ThreadFile[];
}

export interface MessengerLayout {
  /** sorted by id */
  threads: MessengerThread[];
  /** files of the end-to-end encrypted export, which have no thread folders: one thread each */
  flat: MessengerThread[];
  /** HTML files of threads that are there in JSON too */
  doubled: TreeFile[];
  /** messages in a form that is not read */
  unread: { place: string; reason: string }[];
}

export const SECTIONS = ['inbox', 'archived_threads', 'filtered_threads', 'message_requests', 'e2ee_cutover'] as const;
export type Section = (typeof SECTIONS)[number];
export type MetaApp = 'messenger' | 'instagram';

/** Whether a file can belong to an export, by its name. */
export function isMessageFile(place: string): boolean {
  const name = nameOf(place);
  if (name.startsWith('._')) return false; // what macOS puts beside a file
  return MESSAGE_FILE.test(name) || FLAT_FILE.test(name) || Object.hasOwn(OLD_FILES, name);
}

/**
 * Puts the files of one export, of several parts, or of several exports together to threads: by their places alone. The
 * same thread in two sections or exports is one thread.
 */
export function messengerLayout(
  files: TreeFile[],
  app: MetaApp,
  sections: readonly Section[] = SECTIONS,
): MessengerLayout {
  const own = files.filter(({ place }) => !(app === 'messenger' ? INSTAGRAM : FACEBOOK).test(place));
  const located = own.flatMap(locateFile);
  // A section or a thread may itself be the source; only then do files outside of sections count.
  const nearest = (['section', 'thread', 'file'] as const).find((kind) => located.some((each) => each.kind === kind));
  const chosen = located.filter(
    (each) => each.kind === nearest && (each.section === '' || sections.includes(each.section as Section)),
  );
  const flat = own.flatMap((file) => flatThread(file));
  const unread = own.flatMap(({ place }) =>
    OLD_FILES[nameOf(place)]?.app === app ? [{ place, reason: OLD_FILES[nameOf(place)]!.reason }] : [],
  );
  return { ...threadsOf(chosen), flat, unread };
}

const FACEBOOK = /(^|\/)your_(activity_across_facebook|facebook_activity)\//;
const INSTAGRAM = /(^|\/)your_instagram_activity\//;

const MESSAGE_FILE = /^message(?:_(\d+))?\.(json|html)$/;
const FLAT_FILE = /_(\d+)\.json$/;
/** All messages in one file. */
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

/** `alice_1.json` in the source itself, in one of its parts, or right under `messages`. */
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

function threadsOf(located: LocatedFile[]): Pick<MessengerLayout, 'threads' | 'doubled'> {
  const byKey = new Map<string, LocatedFile[]>();
  for (const each of located) {
    const key = threadKey(each.folder);
    byKey.set(key, [...(byKey.get(key) ?? []), each]);
  }
  const threads: MessengerThread[] = [];
  const doubled: TreeFile[] = [];
  for (const group of byKey.values()) {
    const json = group.filter(({ form }) => form === 'json');
    // Both forms hold the same messages; those in HTML lack seconds. Beside each other they are one export's, further apart they are told of.
    const files = json.length > 0 ? json : group;
    const folders = new Set(json.map(({ copy }) => copy));
    if (json.length > 0)
      doubled.push(...group.filter(({ form, copy }) => form === 'html' && !folders.has(copy)).map(({ file }) => file));
    threads.push({
      id: idOf(files),
      files: files.sort((a, b) => a.number - b.number || compare(a.file.place, b.file.place)),
    });
  }
  threads.sort((a, b) => compare(a.id ?? '', b.id ?? ''));
  return { threads, doubled };
}

/** Folders are named `<slug>_<id>`; the slug follows the name of the person or group, the long id stays. */
function threadKey(folder: string): string {
  return /_(\d{8,})$/.exec(folder)?.[1] ?? folder;
}

function idOf(files: LocatedFile[]): string | null {
  const rank = ({ section }: LocatedFile): number => (SECTIONS as readonly string[]).indexOf(section);
  const [first] = [...files].sort((a, b) => rank(a) - rank(b) || compare(a.folder, b.folder));
  if (!first || first.folder === '') return null;
  return first.section ? `${first.section}/${first.folder}` : first.folder;
}

function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('/') + 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
