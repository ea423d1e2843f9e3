import { typedMessage, type Carried, type ChatMessage } from '../exports/chat-message.ts';
import { fileKind } from '../exports/file-kind.ts';
import { asList, asObject, asText, firstText, isObject, type Json } from '../exports/json-values.ts';
import { countedTime } from '../tables/column-times.ts';
import type { AddressBook } from './recipients.ts';

/** A `chatItem`. Which of its keys is there says what kind of message it is. */
export function signalMessage(item: Json, book: AddressBook): ChatMessage {
  const author = asText(item['authorId']) || '0';
  const message = typedMessage(book.names.get(author) ?? '', countedTime(item['dateSent']) ?? NaN, '');
  const body = KINDS.map((kind) => asObject(item[kind])).find((found) => Object.keys(found).length > 0) ?? {};
  const reactions = asList(body['reactions']).map((reaction) => ({
    from: book.names.get(asText(asObject(reaction)['authorId']) || '0') ?? null,
    reaction: asText(asObject(reaction)['emoji']),
  }));
  return { ...message, ...content(item, book), reactions };
}

const KINDS = [
  'standardMessage',
  'contactMessage',
  'stickerMessage',
  'viewOnceMessage',
  'directStoryReplyMessage',
  'poll',
] as const;

function content(item: Json, book: AddressBook): Partial<ChatMessage> {
  if (isObject(item['standardMessage'])) return standard(item['standardMessage'], book);
  if (item['stickerMessage'] !== undefined) return { carries: 'sticker' };
  if (item['contactMessage'] !== undefined) return { carries: 'contact' };
  if (item['viewOnceMessage'] !== undefined) return { carries: 'photo' };
  if (item['poll'] !== undefined) return { carries: 'poll' };
  if (item['remoteDeletedMessage'] !== undefined || item['adminDeletedMessage'] !== undefined)
    return { kind: 'unsent' };
  if (isObject(item['directStoryReplyMessage'])) {
    const { textReply, emoji } = item['directStoryReplyMessage'];
    return { text: firstText(plainText(asObject(asObject(textReply)['text']), book), emoji) };
  }
  const update = asObject(item['updateMessage']);
  const isCall = update['individualCall'] !== undefined || update['groupCall'] !== undefined;
  return { kind: isCall ? 'call' : 'app' };
}

function standard(message: Json, book: AddressBook): Partial<ChatMessage> {
  const [attachment] = asList(message['attachments']).map(asObject);
  const [preview] = asList(message['linkPreview']).map(asObject);
  const caption = asText(asObject(attachment?.['pointer'])['caption']);
  return {
    text: firstText(plainText(asObject(message['text']), book), caption),
    carries: attachment ? attachmentKind(attachment) : null,
    share: preview
      ? {
          link: asText(preview['url']),
          text: [asText(preview['title']), asText(preview['description'])].filter(Boolean).join(' '),
        }
      : null,
  };
}

function attachmentKind({ flag, pointer }: Json): Carried {
  if (flag === 'VOICE_MESSAGE' || flag === 1) return 'audio';
  if (flag === 'GIF' || flag === 3) return 'gif';
  const { contentType, fileName } = asObject(pointer);
  return fileKind(asText(contentType), asText(fileName));
}

/** The body with a name in place of each mention, which the app stores as U+FFFC. */
function plainText(text: Json, { byAccount }: AddressBook): string {
  let body = asText(text['body']);
  const mentions = asList(text['bodyRanges'])
    .map(asObject)
    .filter((range) => range['mentionAci'] !== undefined)
    .map((range) => ({ start: Number(range['start'] ?? 0), name: byAccount.get(asText(range['mentionAci'])) ?? '?' }))
    .sort((a, b) => b.start - a.start);
  for (const { start, name } of mentions)
    if (body[start] === '\ufffc') body = `${body.slice(0, start)}@${name}${body.slice(start + 1)}`;
  return body;
}
