import type { Conversation } from '../../artifacts/conversations.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { chatRules, dropRecord, keepChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { asObject, asText, isObject } from '../exports/json-values.ts';
import { filesAt } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { gatherByName } from '../tables/gather-by-name.ts';
import { skip, skipAll, type Tally } from '../tally.ts';
import { parseJson } from '../text/json-digits.ts';
import { sourceOfFiles } from '../units.ts';
import { signalMessage } from './message.ts';
import { newAddressBook, noteAccount, noteChat, noteRecipient } from './recipients.ts';

/**
 * The export of chats that Signal itself writes since 2026, on the desktop (8.10) and on phones: a folder with
 * main.jsonl, metadata.json and files. Reads main.jsonl, its folder, or a .zip of it. Each line is one frame of
 * Signal's backup format. Each chat is one conversation, named by its contact or group and its number in the export.
 */
export async function signalDesktopSource(path: string, { messages }: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.jsonl']);
  const looksFor = 'main.jsonl as Signal Desktop exports it, whose first line has "backupTimeMs"';
  const rules = chatRules(messages);
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFrames(file, rules, tally),
  );
}

async function* readFrames(file: TreeFile, rules: ChatRules, tally: Tally): AsyncGenerator<Conversation> {
  const book = newAddressBook();
  const gathering = gatherByName(tally);
  for await (const { text, place } of readSourceLines(file, tally)) {
    if (text.trim() === '') continue;
    const frame = parseJson(text.replace(/^\ufeff/, ''));
    if (!isObject(frame)) {
      skip(tally, place, frame === undefined ? 'not JSON' : 'not an object', 'unreadable line');
      continue;
    }
    if (frame['account'] !== undefined) noteAccount(asObject(frame['account']), book);
    if (frame['recipient'] !== undefined) noteRecipient(asObject(frame['recipient']), book);
    if (frame['chat'] !== undefined) noteChat(asObject(frame['chat']), book);
    if (frame['adHocCall'] !== undefined) dropRecord(tally, 'call');
    if (frame['chatItem'] === undefined) continue;
    const item = asObject(frame['chatItem']);
    const chatId = asText(item['chatId']) || '0';
    const id = [file.place, `${book.chats.get(chatId) ?? 'chat'}#${chatId}`].filter(Boolean).join('#');
    for (const message of keepChatMessage(signalMessage(item, book), rules, tally, () => place))
      yield* gathering.add(id, message, () => place);
  }
  yield* gathering.end();
}
