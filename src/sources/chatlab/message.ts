import type { Carried, ChatMessage } from '../exports/chat-message.ts';
import type { distinctNames } from '../exports/distinct-names.ts';
import { asText, firstText, type Json } from '../exports/json-values.ts';
import { countedTime } from '../tables/column-times.ts';

/** What the numbers of `type` mean. Exporters do not agree on all of them, so the content decides too. */
const CARRIED: Record<string, Carried> = {
  1: 'photo',
  2: 'audio',
  3: 'video',
  4: 'file',
  5: 'sticker',
  8: 'location',
  27: 'contact',
};
const [TEXT, LINK, CALL, SHARE, REPLY, FORWARD, SYSTEM, RECALL] = [
  '0',
  '7',
  '23',
  '24',
  '25',
  '26',
  '80',
  '81',
] as const;
/** Gifts of money, transfers and nudges: the app words them. */
const BY_APP = new Set(['20', '21', '22', SYSTEM]);

export function chatLabMessage(raw: Json, names: ReturnType<typeof distinctNames>): ChatMessage {
  const type = asText(raw['type']) || TEXT;
  const content = asText(raw['content']);
  const id = asText(raw['sender']);
  const link = type === LINK || type === SHARE ? (/https?:\/\/\S+/.exec(content)?.[0] ?? '') : '';
  const isShare = type === LINK || type === SHARE;
  return {
    from: names(id, firstText(raw['accountName'], raw['groupNickname'], raw['name']), id),
    // Seconds by the standard; some exporters write milliseconds.
    time: countedTime(raw['timestamp']) ?? NaN,
    text: isTyped(type, content) ? content : '',
    kind: messageKind(type, id),
    carries: isTyped(type, content) || isShare ? null : (CARRIED[type] ?? null),
    share: isShare && !isPlaceholder(content) ? { link, text: content.replace(link, '').trim() } : null,
    forwarded: type === FORWARD,
    reactions: [],
  };
}

function messageKind(type: string, sender: string): ChatMessage['kind'] {
  if (type === RECALL) return 'unsent';
  if (type === CALL) return 'call';
  return BY_APP.has(type) || /^system$/i.test(sender) ? 'app' : 'typed';
}

/**
 * Whether somebody typed the content. That of photos, voices and so on is a placeholder, a path or a transcript; that
 * of an unknown type is typed unless it is a placeholder.
 */
function isTyped(type: string, content: string): boolean {
  if (type === TEXT || type === REPLY) return true;
  return CARRIED[type] === undefined && type !== LINK && type !== SHARE && !isPlaceholder(content);
}

/** `[图片]`, `[Image: a.jpg]` and the like, alone. */
function isPlaceholder(content: string): boolean {
  return /^\s*(\[[^\]\n]*\]|【[^】\n]*】)\s*$/.test(content);
}
