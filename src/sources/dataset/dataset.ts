import type { Conversation } from '../../artifacts/conversations.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { chatRules, keepChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { asText, isObject, type Json } from '../exports/json-values.ts';
import { jsonRecords } from '../exports/json-records.ts';
import { filesAt, fileStart } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { skip, skipAll, type Tally } from '../tally.ts';
import { parseJson } from '../text/json-digits.ts';
import { sourceOfFiles } from '../units.ts';
import { isTurn, turnMessage, turnsOf } from './turns.ts';

/**
 * Data sets for training: OpenAI's `{"messages": [{"role": "user", "content": "…"}]}` and ShareGPT's `{"conversations":
 * [{"from": "human", "value": "…"}]}`, one per line or as a JSON list, or a folder or .zip of such files. Each object
 * is one conversation. Its id is its own, or the file and line.
 */
export async function datasetSource(path: string, { messages }: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.jsonl', '.ndjson', '.json']);
  const looksFor =
    'objects such as {"messages": [{"role": "user", "content": "…"}]} or {"conversations": [{"from": "human", "value": "…"}]}, one per line or in a JSON list';
  const rules = chatRules(messages);
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFile(file, rules, tally),
  );
}

async function* readFile(file: TreeFile, rules: ChatRules, tally: Tally): AsyncGenerator<Conversation> {
  const start = (await fileStart(file)).toString('utf8').replace(/^[\s\ufeff]+/, '');
  const isList = start.startsWith('[') || /^\{\s*\n/.test(start) || isOneObject(start);
  for await (const { value, place } of isList ? listed(file, tally) : lines(file, tally)) {
    const conversation = readConversation(value, place, rules, tally);
    if (typeof conversation === 'string') skip(tally, place, conversation, 'unreadable line');
    else if (conversation.messages.length > 0) yield conversation;
  }
}

/** Whether the file is one object with a list of conversations, perhaps without line breaks. */
function isOneObject(start: string): boolean {
  const list = /^\{[^[\]]*?"(?:data|conversations)"\s*:\s*\[\s*\{/.exec(start);
  return list !== null && /^[^{}[\]]*"(?:messages|conversations?|items)"\s*:\s*\[/.test(start.slice(list[0].length));
}

interface Found {
  value: unknown;
  place: string;
}

async function* lines(file: TreeFile, tally: Tally): AsyncGenerator<Found> {
  for await (const { text, place } of readSourceLines(file, tally)) {
    if (text.trim() === '') continue;
    const value = parseJson(text.replace(/^\ufeff/, ''));
    if (value === undefined) skip(tally, place, 'not JSON', 'unreadable line');
    else yield { value, place };
  }
}

/** The objects of a list; or a file that is one conversation, or an object with a list of conversations. */
async function* listed(file: TreeFile, tally: Tally): AsyncGenerator<Found> {
  const fields: Json = {};
  const turns: unknown[] = [];
  for await (const record of jsonRecords(file, [null, 'data', 'conversations', 'conversation', 'messages'], tally)) {
    if (record.kind === 'field') fields[record.key] = record.value;
    else if (isTurn(record.value) && turnsOf(record.value) === null) turns.push(record.value);
    else yield { value: record.value, place: record.place() };
  }
  if (turns.length > 0) yield { value: { ...fields, messages: turns }, place: file.place || '1' };
}

/** Returns the conversation, or why the object is none; never quotes it. */
function readConversation(value: unknown, place: string, rules: ChatRules, tally: Tally): Conversation | string {
  if (!isObject(value) && !Array.isArray(value)) return 'not an object';
  const turns = turnsOf(value);
  if (turns === null) return 'no list "messages" or "conversations"';
  const wrong = turns.findIndex((turn) => !isTurn(turn));
  if (wrong !== -1) return `message ${wrong + 1} has no role or sender`;
  if (turns.length === 0) return 'its list of messages is empty';
  const id = isObject(value) ? asText(value['id']) || asText(value['conversation_id']) : '';
  const messages = turns.filter(isTurn).map(turnMessage);
  return {
    id: id || place.replace(/^#/, ''),
    messages: messages.flatMap((message) => keepChatMessage(message, rules, tally, () => place)),
  };
}
