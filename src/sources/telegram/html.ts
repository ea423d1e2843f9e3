import type { Conversation } from '../../artifacts/conversations.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { dropRecord, keepChatMessage, type ChatMessage, type ChatRules } from '../exports/chat-message.ts';
import { gatherChat } from '../exports/gather-chat.ts';
import { readSourceBytes } from '../source-bytes.ts';
import { notice, skip, type Tally } from '../tally.ts';
import { zoneClock } from '../time/local-time.ts';
import { isRealDate, type WrittenDate } from '../time/english-date.ts';
import { dateMs } from '../time/page-dates.ts';
import type { HtmlDraft } from './html-draft.ts';
import { htmlPage } from './html-page.ts';

export interface HtmlRules {
  rules: ChatRules;
  timeZone: string;
}

/**
 * One chat of Telegram Desktop's HTML export: messages.html, messages2.html and so on, in this order. `folder`: where
 * they are. The conversation is named by its folder and its title.
 */
export async function* readHtmlChat(
  pages: TreeFile[],
  folder: string,
  { rules, timeZone }: HtmlRules,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const clock = zoneClock(timeZone);
  const names = new Set<string>();
  const chat = gatherChat(folder || 'chat');
  let hasTitle = false;
  for (const page of pages) {
    let sender = '';
    let number = 0;
    const place = (): string => `${page.place}#${number}`;
    const zone = noticeOnce(tally, `file whose times are taken for those of ${timeZone} (timeZone)`, page.place);
    for await (const item of htmlPage(readSourceBytes(page, tally))) {
      if (item.kind === 'title' && !hasTitle) {
        hasTitle = true;
        chat.name = [folder, item.name].filter(Boolean).join('#') || 'chat';
      } else if (item.kind === 'too long') dropRecord(tally, 'text of more than 16 MB');
      else if (item.kind === 'end' && item.trouble !== null) skip(tally, page.place, item.trouble, 'unreadable file');
      if (item.kind !== 'message' || item.draft.isDay) continue;
      number++;
      if (!item.draft.isWhole) {
        dropRecord(tally, 'damaged message');
        continue;
      }
      sender = senderOf(item.draft, sender, names);
      const message = toMessage(item.draft, sender, names, (date) => {
        const found = telegramDate(date);
        if (found?.zoneMinutes === null) zone();
        return found ? dateMs(found, clock) : NaN;
      });
      for (const kept of keepChatMessage(message, rules, tally, place)) yield* chat.add(kept);
    }
  }
  yield* chat.end();
}

function noticeOnce(tally: Tally, what: string, place: string): () => void {
  let noticed = false;
  return () => {
    if (!noticed) notice(tally, what, place);
    noticed = true;
  };
}

/** A message without a name continues those of the person before it. A line of the app does not end their run. */
function senderOf({ isService, from }: HtmlDraft, before: string, names: Set<string>): string {
  if (isService) return before;
  const name = from.replace(/ via @\S+\s*$/, '').trim();
  if (name !== '' && names.size < MOST_NAMES) names.add(name);
  return name || before;
}

const MOST_NAMES = 10_000;

function toMessage(
  draft: HtmlDraft,
  sender: string,
  names: Set<string>,
  timeOf: (date: string) => number,
): ChatMessage {
  const { isService, isForwarded, text, media, reactions } = draft;
  const line = text.replace(/ *\n+ */g, '\n').trim();
  return {
    from: isService ? actor(line, names) : sender,
    // Lines of the app have no time.
    time: isService ? null : timeOf(draft.date),
    text: isService && actor(line, names) === '' ? '' : line,
    kind: media === 'call' ? 'call' : isService ? 'app' : 'typed',
    carries: media === 'call' ? null : media,
    share: null,
    forwarded: isForwarded,
    reactions: reactions.flatMap(({ emoji, names: who, count }) => [
      ...who.map((from) => ({ from, reaction: emoji.trim() })),
      ...Array.from({ length: Math.min(MOST_REACTIONS, Math.max(0, count - who.length)) }, () => ({
        from: null,
        reaction: emoji.trim(),
      })),
    ]),
  };
}

/** A damaged count must not fill the memory. */
const MOST_REACTIONS = 100_000;

/** The person whom a line of the app is about, as far as they have written: it begins with the name. '' if unknown. */
function actor(line: string, names: Set<string>): string {
  let longest = '';
  for (const name of names) if (name.length > longest.length && line.startsWith(`${name} `)) longest = name;
  return longest;
}

const DATE = /^\s*(\d\d)\.(\d\d)\.(\d{4}) (\d\d):(\d\d):(\d\d)(?:\s*UTC([+-])(\d\d):(\d\d))?\s*$/;

function telegramDate(text: string): WrittenDate | null {
  const match = DATE.exec(text);
  if (!match) return null;
  const [day, month, year, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [sign, hours, minutes] = match.slice(7);
  const zoneMinutes = sign === undefined ? null : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  const written = { year, month, day, hour, minute, second, zoneMinutes };
  return month >= 1 && month <= 12 && isRealDate(written) ? written : null;
}
