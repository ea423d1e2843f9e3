import type { Carried, ChatMessage } from '../exports/chat-message.ts';
import type { distinctNames } from '../exports/distinct-names.ts';
import { fileKind } from '../exports/file-kind.ts';
import { asList, asObject, asText, firstText, type Json } from '../exports/json-values.ts';
import { isoTime } from '../time/iso-times.ts';

export type Names = ReturnType<typeof distinctNames>;

/** A message as DiscordChatExporter writes it. Its keys have been the same since 2018; newer versions have more. */
export function discordMessage(value: unknown, names: Names): { message: ChatMessage; isBot: boolean } {
  const raw = asObject(value);
  const forwarded = asObject(raw['forwardedMessage']);
  const isForwarded = raw['forwardedMessage'] !== undefined && raw['forwardedMessage'] !== null;
  const typed = plainText(asText(raw['content']), asList(raw['mentions']), names);
  const author = asObject(raw['author']);
  return {
    isBot: author['isBot'] === true,
    message: {
      from: userName(author, names),
      time: isoTime(asText(raw['timestamp'])),
      text: typed === '' ? plainText(asText(forwarded['content']), [], names) : typed,
      kind: messageKind(asText(raw['type'])),
      carries: carriedBy(raw) ?? carriedBy(forwarded),
      share: embedded(raw) ?? embedded(forwarded),
      forwarded: isForwarded && typed === '',
      reactions: asList(raw['reactions']).flatMap((reaction) => reactionsOf(asObject(reaction), names)),
    },
  };
}

/** Types that a person or a bot writes; the exporter has no names for the newer ones. All others are Discord's lines. */
const TYPED = new Set(['', 'Default', 'Reply', '0', '19', '20', '21', '23']);

function messageKind(type: string): ChatMessage['kind'] {
  return TYPED.has(type) ? 'typed' : type === 'Call' || type === '3' ? 'call' : 'app';
}

function userName(user: Json, names: Names): string {
  const handle = asText(user['name']);
  return names(asText(user['id']), firstText(user['nickname'], handle), handle);
}

/** Without `--markdown false` the exporter writes names for mentions itself. */
function plainText(text: string, mentions: unknown[], names: Names): string {
  if (!text.includes('<')) return text;
  const mentioned = new Map(mentions.map((user) => [asText(asObject(user)['id']), userName(asObject(user), names)]));
  return text
    .replace(/<@!?(\d+)>/g, (written, id: string) => (mentioned.has(id) ? `@${mentioned.get(id)!}` : written))
    .replace(/<a?(:\w+:)\d+>/g, '$1');
}

function carriedBy(raw: Json): Carried | null {
  if (asList(raw['stickers']).length > 0) return 'sticker';
  const [attachment] = asList(raw['attachments']).map(asObject);
  return attachment ? fileKind('', firstText(attachment['fileName'], attachment['url'])) : null;
}

function embedded(raw: Json): ChatMessage['share'] {
  const [embed] = asList(raw['embeds']).map(asObject);
  if (!embed) return null;
  const text = [asText(embed['title']), asText(embed['description'])].filter((part) => part.trim() !== '').join(' ');
  return { link: asText(embed['url']), text };
}

/** Exports of before 2023 only count reactions. */
function reactionsOf(raw: Json, names: Names): ChatMessage['reactions'] {
  const emoji = asObject(raw['emoji']);
  const isCustom = asText(emoji['id']) !== '';
  const reaction = isCustom ? `:${asText(emoji['name'])}:` : asText(emoji['name']);
  const users = asList(raw['users']).map((user) => ({ from: userName(asObject(user), names), reaction }));
  const count = typeof raw['count'] === 'number' ? Math.min(raw['count'], MOST_REACTIONS) : 0;
  const unnamed = Array.from({ length: Math.max(0, count - users.length) }, () => ({ from: null, reaction }));
  return [...users, ...unnamed];
}

/** A damaged count must not fill the memory. */
const MOST_REACTIONS = 100_000;
