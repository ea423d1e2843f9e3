import { statSync } from 'node:fs';
import type { Conversation } from '../../artifacts/conversations.ts';
import { mergeFlatThreads } from './flat.ts';
import { isMessageFile, messengerLayout, type MessengerThread, type MetaApp } from './layout.ts';
import { readMessengerThread, type ThreadRules } from './thread.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source, Unit } from '../source.ts';
import { notice, skipAll, type Tally } from '../tally.ts';
import { diskFile, type Tree } from '../archive/tree-file.ts';
import { isZip, openTree } from '../archive/tree.ts';
import { sourceOfUnits } from '../units.ts';

/**
 * An export of Facebook Messenger, or of Instagram, which has the same form. `path` is a .zip as downloaded, a folder
 * of such .zip files, the unpacked export, or any folder in it down to a single thread or file. Reads JSON of all
 * years, the flat form of end-to-end encrypted chats, and HTML in any language. Several exports are merged, without
 * duplicates.
 */
export async function messengerSource(
  path: string,
  options: SourceOptions,
  app: MetaApp = 'messenger',
): Promise<Source> {
  const { tree, threads, flat, ignoredHtml, unsupported } = await find(path, options, app);
  return sourceOfUnits({
    files: [...threads, ...flat].flatMap((thread) => thread.files.map(({ file }) => file)),
    looksFor: LOOKS_FOR[app],
    repairsMojibake: true,
    async units(tally) {
      const rules = threadRules(options);
      skipAll([...tree.refused, ...unsupported], tally);
      for (const { place } of ignoredHtml)
        notice(tally, 'HTML file not read, because its thread is there as JSON', place);
      return (await mergeFlatThreads(threads, flat, tally)).map((thread) => threadUnit(thread, rules));
    },
  });
}

/** Whether `path` has messages of this app, judging by file names alone. */
export async function hasMessengerThreads(path: string, app: MetaApp): Promise<boolean> {
  const { threads, ignoredHtml } = messengerLayout((await openTree(path, isMessageFile)).files, app);
  return threads.length > 0 || ignoredHtml.length > 0;
}

const LOOKS_FOR: Record<MetaApp, string> = {
  messenger:
    'message_1.json (or .html) in thread folders of messages/inbox (or archived_threads, filtered_threads, message_requests, e2ee_cutover), ' +
    'directly in the given folder or .zip, in your_activity_across_facebook or in your_facebook_activity',
  instagram:
    'message_1.json (or .html) in thread folders of your_instagram_activity/messages/inbox (or message_requests), in the given folder or .zip',
};

async function find(path: string, { messages }: SourceOptions, app: MetaApp) {
  const found = statSync(path);
  if (found.isDirectory() || isZip(path)) {
    const tree = await openTree(path, isMessageFile);
    return { tree, ...messengerLayout(tree.files, app, messages.sections) };
  }
  const tree: Tree = { files: [], refused: [] };
  const form = /\.html?$/i.test(path) ? ('html' as const) : ('json' as const);
  const thread: MessengerThread = {
    id: null,
    files: [{ file: diskFile(path, '', found.size), form, number: 1, copy: '' }],
  };
  return { tree, threads: /\.(json|html?)$/i.test(path) ? [thread] : [], flat: [], ignoredHtml: [], unsupported: [] };
}

function threadRules({ timeZone, dateOrder, messages }: SourceOptions): ThreadRules {
  return {
    timeZone,
    dateOrder,
    mostThreadBytes: MOST_THREAD_BYTES,
    choices: messages,
    systemLines: messages.systemLines.map((line) => new RegExp(`^(?:${line})$`, 'u')),
  };
}

function threadUnit(thread: MessengerThread, rules: ThreadRules): Unit {
  return {
    files: thread.files.map(({ file }) => file),
    exports: [...new Set(thread.files.map(({ copy }) => exportOf(copy)))],
    about: [thread.id, thread.files.map(({ form, number, copy }) => [form, number, copy])],
    read: (files, tally) =>
      readThread(
        { ...thread, files: thread.files.map((threadFile, i) => ({ ...threadFile, file: files[i]! })) },
        rules,
        tally,
      ),
  };
}

/** `messages/inbox` → `messages`: the sections of an export have different threads. */
const exportOf = (copy: string): string => copy.slice(0, Math.max(0, copy.lastIndexOf('/')));

async function* readThread(thread: MessengerThread, rules: ThreadRules, tally: Tally): AsyncGenerator<Conversation> {
  const conversation = await readMessengerThread(thread, rules, tally);
  const moved = thread.files.find(({ copy }) => copy.endsWith('e2ee_cutover'));
  if (moved && thread.files.every(({ form }) => form !== 'flat'))
    notice(
      tally,
      'thread that went on end-to-end encrypted: its later messages are in an export of their own («secure storage»), which is not here',
      moved.file.place,
    );
  if (conversation.messages.length > 0) yield* inParts(conversation);
}

/** Splits a very long conversation. It becomes one line of a file, and a string holds at most half a gigabyte. */
function* inParts({ id, messages }: Conversation): Generator<Conversation> {
  let first = 0;
  let chars = 0;
  let part = 1;
  const partId = (): string => (part === 1 ? id : `${id}~${part}`);
  for (const [index, { from, text }] of messages.entries()) {
    chars += from.length + text.length + 64;
    if (chars > LONGEST_CONVERSATION_CHARS && index > first) {
      yield { id: partId(), messages: messages.slice(first, index) };
      part++;
      first = index;
      chars = from.length + text.length + 64;
    }
  }
  yield { id: partId(), messages: first === 0 ? messages : messages.slice(first) };
}

const LONGEST_CONVERSATION_CHARS = 128 * 2 ** 20;
/** About ten million messages, or an export file of two gigabytes. */
const MOST_THREAD_BYTES = 1.6e9;
