import type { Conversation } from '../../artifacts/conversations.ts';
import { diskFile, type Tree, type TreeFile } from '../archive/tree-file.ts';
import { isZip, openTree } from '../archive/tree.ts';
import { statSync } from 'node:fs';
import { chatRules, keepChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { gatherChat } from '../exports/gather-chat.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { asObject } from '../exports/json-values.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source, Unit } from '../source.ts';
import { notice, skipAll, type Tally } from '../tally.ts';
import { sourceOfUnits } from '../units.ts';
import { googleDates } from './dates.ts';
import { googleMessage, googleName, people, type People } from './message.ts';

/**
 * Google Chat as Google Takeout exports it: a .zip as downloaded, a folder of these, the unpacked export, or any folder
 * in it down to one messages.json. Each space or direct chat is one conversation, named by its folder.
 */
export async function googleChatSource(path: string, options: SourceOptions): Promise<Source> {
  const { files, refused } = await chatFiles(path);
  const rules = chatRules(options.messages);
  return sourceOfUnits({
    files,
    looksFor: 'messages.json in the folders of "Google Chat/Groups" (Google Takeout, only Google Chat)',
    repairsMojibake: false,
    async units(tally) {
      skipAll(refused, tally);
      return chatUnits(files).map((unit): Unit => ({
        files: unit,
        read: (read, unitTally) => readChat(read, { rules, options }, unitTally),
      }));
    },
  });
}

const CHAT_FILE = /(^|\/)(messages|group_info)\.json$/;

/** Whether the path has files named like those of an export, judging by their names alone. */
export async function hasGoogleChats(path: string): Promise<boolean> {
  const { files } = await openTree(path, (place) => /(^|\/)Groups\/[^/]+\/messages\.json$/.test(place));
  return files.length > 0;
}

async function chatFiles(path: string): Promise<Tree> {
  const found = statSync(path);
  if (!found.isDirectory() && !isZip(path)) return { files: [diskFile(path, '', found.size)], refused: [] };
  const { files, refused } = await openTree(path, (place) => CHAT_FILE.test(place));
  const folders = new Set(
    files.filter(({ place }) => place.endsWith('messages.json')).map(({ place }) => folder(place)),
  );
  return { files: files.filter(({ place }) => folders.has(folder(place))), refused };
}

/** The files of each chat: group_info.json first, because it has the members' names. */
function chatUnits(files: TreeFile[]): TreeFile[][] {
  const units = new Map<string, TreeFile[]>();
  for (const file of files) units.set(folder(file.place), [...(units.get(folder(file.place)) ?? []), file]);
  return [...units.values()];
}

function folder(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf('/')));
}

async function* readChat(
  files: TreeFile[],
  { rules, options }: { rules: ChatRules; options: SourceOptions },
  tally: Tally,
): AsyncGenerator<Conversation> {
  const known = people();
  for (const file of files) {
    if (file.place.endsWith('group_info.json')) await readMembers(file, known, tally);
    else yield* readMessages(file, { rules, options, known }, tally);
  }
}

async function readMembers(file: TreeFile, known: People, tally: Tally): Promise<void> {
  for await (const record of jsonRecords(file, ['members'], tally))
    if (record.kind === 'element') googleName(asObject(record.value), known);
}

async function* readMessages(
  file: TreeFile,
  { rules, options, known }: { rules: ChatRules; options: SourceOptions; known: People },
  tally: Tally,
): AsyncGenerator<Conversation> {
  const chat = gatherChat(folder(file.place).split('/').at(-1) || 'chat');
  const readTime = await googleDates(file, options, tally);
  for await (const record of jsonRecords(file, ['messages'], tally)) {
    if (record.kind === 'field') continue;
    const raw = asObject(record.value);
    const message = googleMessage(raw, known, readTime);
    for (const kept of keepChatMessage(message, rules, tally, record.place)) {
      if (asObject(raw['creator'])['user_type'] === 'Bot') notice(tally, 'message of a bot', record.place());
      yield* chat.add(kept);
    }
  }
  yield* chat.end();
}
