import type { Conversation } from '../../artifacts/conversations.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { chatRules, keepChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { distinctNames } from '../exports/distinct-names.ts';
import { gatherChat } from '../exports/gather-chat.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { asObject, asText } from '../exports/json-values.ts';
import { filesAt } from '../source-bytes.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { notice, skipAll, type Tally } from '../tally.ts';
import { sourceOfFiles } from '../units.ts';
import { discordMessage, type Names } from './message.ts';

/**
 * DiscordChatExporter's JSON: a file of one channel, direct chat or thread, or a folder or .zip of them. Each file is
 * one conversation, named by the channel's id.
 */
export async function discordSource(path: string, { messages }: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.json']);
  const looksFor = 'a .json file of DiscordChatExporter (format JSON), with "guild", "channel" and "messages"';
  const rules = chatRules(messages);
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readChannel(file, rules, tally),
  );
}

async function* readChannel(file: TreeFile, rules: ChatRules, tally: Tally): AsyncGenerator<Conversation> {
  const names: Names = distinctNames();
  const chat = gatherChat(file.place || 'channel');
  for await (const record of jsonRecords(file, ['messages'], tally)) {
    if (record.kind === 'field') {
      const id = asText(asObject(record.value)['id']);
      if (record.key === 'channel' && id !== '') chat.name = [file.place, id].filter(Boolean).join('#');
      continue;
    }
    const { message, isBot } = discordMessage(record.value, names);
    for (const kept of keepChatMessage(message, rules, tally, record.place)) {
      if (isBot) notice(tally, 'message of a bot', record.place());
      yield* chat.add(kept);
    }
  }
  yield* chat.end();
}
