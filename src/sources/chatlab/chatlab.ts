import type { Conversation } from '../../artifacts/conversations.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { chatRules, keepChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { distinctNames } from '../exports/distinct-names.ts';
import { gatherChat } from '../exports/gather-chat.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { asObject, firstText, isObject, type Json } from '../exports/json-values.ts';
import { filesAt, fileStart } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { skip, skipAll, type Tally } from '../tally.ts';
import { parseJson } from '../text/json-digits.ts';
import { sourceOfFiles } from '../units.ts';
import { chatLabMessage } from './message.ts';

/**
 * ChatLab's interchange format, which exporters for WeChat, QQ and others write: a .json file of one chat, the same as
 * .jsonl, or a folder or .zip of such files. Versions 0.0.1, 0.0.2 and 1 have the same keys. Each file is one
 * conversation, named by the id or the name of the chat.
 */
export async function chatLabSource(path: string, { messages }: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.json', '.jsonl']);
  const looksFor = 'a .json or .jsonl file with "chatlab", "meta", "members" and "messages"';
  const rules = chatRules(messages);
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readChat(file, rules, tally),
  );
}

/** A part of the file: what the whole object or the header line says, a member, or a message. */
type Part =
  | { kind: 'meta'; value: Json }
  | { kind: 'member'; value: Json }
  | { kind: 'message'; value: unknown; place: () => string };

async function* readChat(file: TreeFile, rules: ChatRules, tally: Tally): AsyncGenerator<Conversation> {
  const names = distinctNames();
  const chat = gatherChat(file.place || 'chat');
  const isLines = /^[\s\ufeff]*(#|\{[^\n]*"_type"\s*:)/.test((await fileStart(file)).toString('utf8'));
  for await (const part of isLines ? lineParts(file, tally) : jsonParts(file, tally)) {
    if (part.kind === 'meta') {
      const id = firstText(part.value['groupId'], part.value['sourceSessionId'], part.value['name']);
      if (id !== '') chat.name = [file.place, id].filter(Boolean).join('#');
    } else if (part.kind === 'member') memberName(part.value, names);
    else {
      const message = chatLabMessage(asObject(part.value), names);
      for (const kept of keepChatMessage(message, rules, tally, part.place)) yield* chat.add(kept);
    }
  }
  yield* chat.end();
}

function memberName(member: Json, names: ReturnType<typeof distinctNames>): void {
  const id = firstText(member['platformId']);
  names(id, firstText(member['accountName'], member['groupNickname']), id);
}

async function* jsonParts(file: TreeFile, tally: Tally): AsyncGenerator<Part> {
  for await (const record of jsonRecords(file, ['members', 'messages'], tally)) {
    if (record.kind === 'element')
      yield record.list === 'members'
        ? { kind: 'member', value: asObject(record.value) }
        : { kind: 'message', value: record.value, place: record.place };
    else if (record.key === 'meta') yield { kind: 'meta', value: asObject(record.value) };
  }
}

/** One object per line, told apart by `_type`; lines that begin with # are comments. */
async function* lineParts(file: TreeFile, tally: Tally): AsyncGenerator<Part> {
  for await (const { text, place } of readSourceLines(file, tally)) {
    if (text.trim() === '' || text.trimStart().startsWith('#')) continue;
    const value = parseJson(text.replace(/^\ufeff/, ''));
    if (!isObject(value)) skip(tally, place, value === undefined ? 'not JSON' : 'not an object', 'unreadable line');
    else if (value['_type'] === 'header') yield { kind: 'meta', value: asObject(value['meta']) };
    else if (value['_type'] === 'member') yield { kind: 'member', value };
    else if (value['_type'] === 'message' || value['sender'] !== undefined)
      yield { kind: 'message', value, place: () => place };
    else skip(tally, place, '"_type" is none of header, member and message', 'unreadable line');
  }
}
