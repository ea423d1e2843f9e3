import type { Carried, ChatMessage } from '../exports/chat-message.ts';
import { fileKind } from '../exports/file-kind.ts';
import { asList, asObject, asText, firstText, type Json } from '../exports/json-values.ts';
import { blockText, plainText } from './text.ts';
import { shownName, type Workspace } from './workspace.ts';

/** A message of a day's file. */
export function slackMessage(raw: Json, workspace: Workspace): { message: ChatMessage; isBot: boolean } {
  const subtype = asText(raw['subtype']);
  const [attachment] = asList(raw['attachments']).map(asObject);
  const isForwarded = attachment?.['is_share'] === true || attachment?.['is_msg_unfurl'] === true;
  const typed = typedText(raw, subtype, workspace);
  return {
    isBot: subtype === 'bot_message' || (raw['bot_id'] !== undefined && raw['bot_id'] !== null),
    message: {
      from: senderName(raw, workspace),
      time: Math.floor(Number(asText(raw['ts']) || NaN) * 1000),
      text: typed === '' && isForwarded ? plainText(asText(attachment['text']), workspace) : typed,
      kind: messageKind(raw, subtype),
      carries: carriedBy(raw),
      share: attachment && !isForwarded ? preview(attachment, workspace) : null,
      forwarded: isForwarded && typed === '',
      reactions: asList(raw['reactions']).flatMap((reaction) => reactionsOf(asObject(reaction), workspace)),
    },
  };
}

/** What people and bots write. All other subtypes are lines of Slack's, such as `channel_join`. */
const TYPED = new Set([
  '',
  'bot_message',
  'me_message',
  'thread_broadcast',
  'reply_broadcast',
  'file_share',
  'file_comment',
  'slackbot_response',
  'document_mention',
]);

function messageKind(raw: Json, subtype: string): ChatMessage['kind'] {
  if (subtype === 'tombstone' || subtype === 'message_deleted') return 'unsent';
  if (subtype === 'huddle_thread' || subtype === 'sh_room_created' || raw['room'] !== undefined) return 'call';
  return raw['type'] === 'message' && TYPED.has(subtype) && raw['hidden'] !== true ? 'typed' : 'app';
}

function senderName(raw: Json, { users }: Workspace): string {
  const id = asText(raw['user']) || asText(asObject(raw['comment'])['user']);
  const profile = asObject(raw['user_profile']);
  const isBot = raw['subtype'] === 'bot_message';
  const bot = firstText(raw['username'], asObject(raw['bot_profile'])['name']);
  if (isBot && bot !== '') return bot;
  return users.get(id) ?? firstText(shownName(profile), bot, id, raw['bot_id']);
}

/** Before 2019 the text of an uploaded file was Slack's own sentence; the person's words were a comment beside it. */
function typedText(raw: Json, subtype: string, workspace: Workspace): string {
  const file = asObject(raw['file']);
  const isSentence = subtype === 'file_share' && raw['file'] !== undefined && raw['files'] === undefined;
  if (isSentence) return plainText(asText(asObject(file['initial_comment'])['comment']), workspace);
  if (subtype === 'file_comment') return plainText(asText(asObject(raw['comment'])['comment']), workspace);
  const text = asText(raw['text']);
  return text.trim() === '' ? blockText(asList(raw['blocks']), workspace) : plainText(text, workspace);
}

function carriedBy(raw: Json): Carried | null {
  const [file] = [...asList(raw['files']), ...(raw['file'] === undefined ? [] : [raw['file']])].map(asObject);
  if (!file || raw['subtype'] === 'file_comment') return null;
  return fileKind(asText(file['mimetype']), firstText(file['name'], file['title'], `.${asText(file['filetype'])}`));
}

function preview(attachment: Json, workspace: Workspace): ChatMessage['share'] {
  const link = firstText(attachment['from_url'], attachment['title_link'], attachment['original_url']);
  const parts = [attachment['title'], attachment['text'] ?? attachment['fallback']].map(asText).filter(Boolean);
  return { link, text: plainText([...new Set(parts)].join(' '), workspace) };
}

function reactionsOf(raw: Json, { users }: Workspace): ChatMessage['reactions'] {
  const reaction = `:${asText(raw['name'])}:`;
  const named = asList(raw['users']).map((user) => ({ from: users.get(asText(user)) ?? asText(user), reaction }));
  const count = typeof raw['count'] === 'number' ? Math.min(raw['count'], MOST_REACTIONS) : 0;
  const unnamed = Array.from({ length: Math.max(0, count - named.length) }, () => ({ from: null, reaction }));
  return [...named, ...unnamed];
}

/** A damaged count must not fill the memory. */
const MOST_REACTIONS = 100_000;
