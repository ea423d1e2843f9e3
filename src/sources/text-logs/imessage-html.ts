import { StringDecoder } from 'node:string_decoder';
import { Parser } from 'htmlparser2';
import type { Conversation } from '../../artifacts/conversations.ts';
import { gatherMessages } from '../gather-messages.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { englishDate } from '../time/english-date.ts';
import { zoneClock } from '../time/local-time.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import { readSourceBytes } from '../source-bytes.ts';
import type { SourceOptions } from '../source-options.ts';
import { drop, skip, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { kindOfFile, placeholder, type Placeholder } from './placeholder.ts';
import type { Judged } from './read-log.ts';

/** What stands in one message of a page. */
interface PageMessage {
  date: string;
  /** how many dates it shows: the first is its own, the others those of edits */
  dates: number;
  from: string;
  /** one for each bubble */
  texts: string[];
  media: Placeholder[];
  /** of a shared page */
  link: string | null;
  isUnsent: boolean;
  isAnnouncement: boolean;
}

/** Reads one page of imessage-exporter as one conversation. Replies are shown twice; those within a thread are left out. */
export async function* readIMessagePage(
  file: TreeFile,
  { timeZone, messages: choices }: SourceOptions,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const clock = zoneClock(timeZone);
  const gathering = gatherMessages(file.place || '1');
  const found: PageMessage[] = [];
  const page = pageParser((message) => found.push(message));
  const decoder = new StringDecoder('utf8');
  let number = 0;
  for await (const chunk of readSourceBytes(file, tally)) {
    page.write(decoder.write(chunk));
    for (const message of found.splice(0)) {
      number++;
      tally.read++;
      const judged = judge(message, choices);
      if (judged.dropped !== undefined) {
        drop(tally, judged.dropped);
        continue;
      }
      tally.kept++;
      const date = englishDate(message.date.replace(/\s*\([^()]*\)\s*$/, '').trim());
      const time = plausibleTime(date === null ? NaN : clock(date), tally, () => `${file.place}#${number}`);
      const full = gathering.add({
        from: foldNewlines(message.from.trim()),
        time,
        text: plainBreaks((judged as { text: string }).text),
      });
      if (full) yield full;
    }
  }
  page.end();
  if (number === 0) skip(tally, file.place, 'no messages of imessage-exporter in it', 'unreadable file');
  const rest = gathering.end();
  if (rest) yield rest;
}

function judge(message: PageMessage, choices: SourceOptions['messages']): Judged {
  if (message.isAnnouncement) return { dropped: 'system line' };
  const text = message.texts.join('\n').trim();
  const [media] = message.media;
  if (text === '') {
    if (message.isUnsent) return { dropped: 'unsent' };
    if (message.link !== null) return choices.shares === 'drop' ? { dropped: 'share' } : { text: message.link };
    return media === undefined ? { dropped: 'empty' } : placeholder(media, choices);
  }
  if (message.isUnsent && choices.unsent === 'drop') return { dropped: 'unsent' };
  return media !== undefined && choices.captions === 'drop' ? { dropped: 'caption' } : { text };
}

/** Where text goes while an element with this class is open; `skip`: nowhere. */
type Place = 'date' | 'from' | 'text' | 'skip';
const PLACES: Record<string, Place> = {
  timestamp: 'date',
  sender: 'from',
  bubble: 'text',
  subject: 'text',
  reactions: 'skip',
  tapbacks: 'skip',
  reply_anchor: 'skip',
  reply_context: 'skip',
  expressive: 'skip',
  app: 'skip',
  app_error: 'skip',
};

/** Hands out each message that is not a reply within a thread. */
function pageParser(onMessage: (message: PageMessage) => void): Parser {
  const open: { name: string; classes: string[] }[] = [];
  let message: PageMessage | null = null;
  const depthOf = (name: string): number => open.filter(({ classes }) => classes.includes(name)).length;
  const newMessage = (isAnnouncement: boolean): PageMessage => ({
    date: '',
    dates: 0,
    from: '',
    texts: [],
    media: [],
    link: null,
    isUnsent: false,
    isAnnouncement,
  });
  return new Parser(
    {
      onopentag(name, attributes) {
        const classes = (attributes['class'] ?? '').split(/\s+/).filter(Boolean);
        const isOutside = depthOf('replies') === 0;
        if (classes.includes('message') && isOutside) message = newMessage(false);
        if (classes.includes('announcement') && isOutside)
          if (message === null) onMessage(newMessage(true));
          else message.isUnsent = true;
        if (message !== null && isOutside) noteElement(message, name, classes, attributes);
        open.push({ name, classes });
      },
      ontext(text) {
        if (message === null || depthOf('replies') > 0) return;
        const place = placeOf(open);
        if (place === 'text') message.texts.push(`${message.texts.pop() ?? ''}${text}`);
        else if (place === 'date') message.date += message.dates === 1 ? text : '';
        else if (place === 'from') message.from += text;
      },
      onclosetag(name) {
        const last = open.findLastIndex((element) => element.name === name);
        if (last === -1) return;
        const [closed] = open.splice(last);
        if (closed!.classes.includes('message') && depthOf('replies') === 0 && message !== null) {
          onMessage(message);
          message = null;
        }
      },
    },
    { decodeEntities: true },
  );
}

function noteElement(
  message: PageMessage,
  name: string,
  classes: string[],
  { src, href }: Record<string, string>,
): void {
  if (classes.includes('bubble') || classes.includes('subject')) message.texts.push('');
  if (name === 'br' && message.texts.length > 0) message.texts.push(`${message.texts.pop()}\n`);
  // Of an edited text, each row of a table is a version; the last is the newest.
  if (name === 'tr') message.texts = [''];
  if (classes.includes('timestamp')) message.dates++;
  if (classes.includes('deleted')) message.isUnsent = true;
  if (classes.includes('sticker')) message.media.push('sticker');
  if (classes.includes('attachment_error') || classes.includes('app')) message.media.push('media');
  if (name === 'a' && /^https?:/.test(href ?? '')) message.link ??= href!;
  const file = src ?? (/^(?!#|https?:)/.test(href ?? '#') ? href : undefined);
  if (file !== undefined && ['img', 'video', 'audio', 'source', 'a'].includes(name))
    message.media.push(kindOfFile(file));
}

function placeOf(open: { name: string; classes: string[] }[]): Place | null {
  let place: Place | null = null;
  for (const { name, classes } of open) {
    for (const word of classes) place = PLACES[word] ?? place;
    if (place === 'skip') return 'skip';
    if (name === 'td' && classes.length === 0) place = 'text';
  }
  return place;
}
