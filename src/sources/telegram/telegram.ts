import { placeholder } from '../placeholder.ts';
import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { zoneClock } from '../time/local-time.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import type { MessageChoices, SourceOptions } from '../source-options.ts';
import type { Source, Unit } from '../source.ts';
import { chatRules } from '../exports/chat-message.ts';
import { filesAt, readSourceBytes } from '../source-bytes.ts';
import { drop, notice, skip, skipAll, type Tally } from '../tally.ts';
import { jsonElements, type JsonElement, type Opening } from '../text/json-elements.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfUnits } from '../units.ts';
import { readHtmlChat } from './html.ts';
import { telegramFiles } from './layout.ts';

/**
 * Telegram Desktop's export of one chat or of an account, or a folder or .zip of exports: result.json, or messages.html
 * with messages2.html and so on. Where a folder has both, HTML is not read.
 */
export async function telegramSource(path: string, options: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.json', '.html']);
  const { json, chats, unread } = telegramFiles(files);
  const rules = { rules: chatRules(options.messages), timeZone: options.timeZone };
  return sourceOfUnits({
    files: [...json, ...chats.flatMap(({ pages }) => pages)],
    looksFor:
      'a result.json with "messages", or messages.html (Telegram Desktop → Export chat history, or Settings → Advanced → Export Telegram data)',
    repairsMojibake: false,
    async units(tally) {
      skipAll(refused, tally);
      for (const { place } of unread) notice(tally, 'HTML file not read, because its chat is there as JSON', place);
      return [
        ...json.map((file): Unit => ({
          files: [file],
          read: ([only], unitTally) => readFile(only!, options, unitTally),
        })),
        ...chats.map(({ folder, pages }): Unit => ({
          files: pages,
          read: (read, unitTally) => readHtmlChat(read, folder, rules, unitTally),
        })),
      ];
    },
  });
}

async function* readFile(
  file: TreeFile,
  { timeZone, messages: choices }: SourceOptions,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const clock = zoneClock(timeZone);
  let gathering = gatherMessages('');
  let chats = 0;
  let number = 0;
  const location = (): string => `${file.place}${chats > 0 ? `#${chats}:${number}` : ''}`;
  for await (const element of chatElements(readSourceBytes(file, tally))) {
    switch (element.kind) {
      case 'chat': {
        const rest = gathering.end();
        if (rest) yield rest;
        chats++;
        number = 0;
        gathering = gatherMessages([file.place, element.id ?? element.name ?? `${chats}`].filter(Boolean).join('#'));
        break;
      }
      case 'damaged':
        number++;
        skip(tally, location(), element.reason, 'unreadable line');
        break;
      case 'element': {
        number++;
        const message = keepMessage(element.value, { choices, clock, tally, location });
        const full = message && gathering.add(message);
        if (full) yield full;
        break;
      }
      case 'end':
        if (element.trouble !== null || chats === 0)
          skip(tally, file.place, element.trouble ?? 'it has no list of "messages"', 'unreadable file');
    }
  }
  const rest = gathering.end();
  if (rest) yield rest;
}

/** The start of a chat; its messages follow. A field is null if it is missing or comes after the messages. */
export interface Chat {
  kind: 'chat';
  name: string | null;
  id: string | null;
}

/**
 * The export of one chat, `{"name": …, "messages": […]}`, or of an account, which has such chats in `chats.list`: the
 * elements of every list called "messages" that is not inside another one.
 */
export async function* chatElements(
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Chat | Extract<JsonElement, { kind: 'element' | 'damaged' | 'end' }>> {
  /** for each open object, by depth */
  const chats: Chat[] = [];
  for await (const batch of jsonElements(chunks, opening)) {
    for (const element of batch) {
      if (element.kind === 'field') noteField(chats[element.position.depth], element.position.key, element.value);
      else if (element.kind !== 'open') yield element;
      else if (element.as === 'list') yield { ...(chats[element.position.depth] ?? newChat()) };
      else chats[element.position.depth + 1] = newChat();
    }
  }
}

const opening: Opening = ({ key }, bracket) => (bracket === '[' && key === 'messages' ? 'list' : 'object');

function newChat(): Chat {
  return { kind: 'chat', name: null, id: null };
}

function noteField(chat: Chat | undefined, key: string | null, value: unknown): void {
  if (!chat || value === '') return;
  if (key === 'name' && typeof value === 'string') chat.name = value;
  if (key === 'id' && (typeof value === 'string' || typeof value === 'number')) chat.id = String(value);
}

interface MessageContext {
  choices: MessageChoices;
  clock: ReturnType<typeof zoneClock>;
  tally: Tally;
  location(): string;
}

function keepMessage(value: unknown, { choices, clock, tally, location }: MessageContext): Message | null {
  tally.read++;
  const raw = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Record<
    string,
    unknown
  >;
  const found = messageText(raw, choices);
  if ('dropped' in found) {
    drop(tally, found.dropped);
    return null;
  }
  const text = plainBreaks(found.text);
  // A deleted account has no name.
  const from =
    foldNewlines(
      typeof raw['from'] === 'string' ? raw['from'] : typeof raw['from_id'] === 'string' ? raw['from_id'] : '',
    ).trim() || 'Deleted Account';
  tally.kept++;
  return { from, time: plausibleTime(messageTime(raw, clock), tally, location), text };
}

function messageText(raw: Record<string, unknown>, choices: MessageChoices): { text: string } | { dropped: string } {
  if (raw['type'] === 'service')
    return /call/.test(String(raw['action'])) ? placeholder(choices.calls, 'call') : { dropped: 'system line' };
  if (raw['type'] !== 'message') return { dropped: 'not a message' };
  if (choices.forwarded === 'drop' && raw['forwarded_from'] !== undefined) return { dropped: 'forwarded' };
  const text = joinedText(raw['text']);
  if (text === null) return { dropped: 'text is not a string' };
  const media = mediaKind(raw);
  if (text.trim() === '')
    return media === null
      ? { dropped: 'empty' }
      : placeholder(media === 'sticker' ? choices.stickers : choices.media, media);
  return media !== null && choices.captions === 'drop' ? { dropped: 'caption' } : { text };
}

function mediaKind(raw: Record<string, unknown>): string | null {
  const kind = raw['media_type'];
  if (kind === 'sticker') return 'sticker';
  if (kind === 'animation') return 'gif';
  if (kind === 'video_file' || kind === 'video_message') return 'video';
  if (kind === 'voice_message' || kind === 'audio_file') return 'audio';
  if (raw['photo'] !== undefined) return 'photo';
  if (raw['file'] !== undefined) return 'file';
  return (
    ['location_information', 'contact_information', 'poll']
      .find((key) => raw[key] !== undefined)
      ?.replace('_information', '') ?? null
  );
}

/**
 * `text` is a string, or a list of strings and formatted entities. A link right after another entity gets a space
 * before it, because nobody types them joined.
 */
function joinedText(text: unknown): string | null {
  if (text === undefined || text === null) return '';
  if (typeof text === 'string') return text;
  if (!Array.isArray(text)) return null;
  let joined = '';
  let formatted = false;
  for (const entity of text) {
    const { type, text: content } = (typeof entity === 'string' ? { text: entity } : (entity ?? {})) as {
      type?: unknown;
      text?: unknown;
    };
    if (typeof content !== 'string') return null;
    if (formatted && type === 'link' && /\S$/.test(joined) && /^\S/.test(content)) joined += ' ';
    joined += content;
    formatted = type !== undefined;
  }
  return joined;
}

/** Milliseconds since 1970; NaN if there is none. Older exports have only a date in the exporter's local time. */
function messageTime(
  { date_unixtime: unix, date }: Record<string, unknown>,
  clock: ReturnType<typeof zoneClock>,
): number {
  if (typeof unix === 'string' || typeof unix === 'number') return Number(unix) * 1000;
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)/.exec(String(date));
  if (!match) return NaN;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return clock({ year, month, day, hour, minute, second });
}
