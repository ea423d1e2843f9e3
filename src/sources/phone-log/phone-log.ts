import type { Conversation } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { zoneClock } from '../time/local-time.ts';
import { dateOrderVote, logHead, withoutMarks, type DateOrder, type LogHead } from './line.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { filesAt } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import { drop, newTally, notice, skip, skipAll, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';
import { isSystemName, whatsappText, type Verdict } from './whatsapp-words.ts';

/**
 * Chats that a phone exported as text, one per file: WhatsApp's `30/01/19, 20:49 - Name: text` (Android) and
 * `[30/01/19, 20:49:07] Name: text` (iPhone), and Signal's `[2019-12-24, 12:23] Name: text`. A line without such a head
 * continues the message above. Each file is read twice, because only all of its dates together show whether the day or
 * the month comes first. Times are local times in `timeZone`.
 */
export async function phoneLogSource(
  path: string,
  app: 'WhatsApp' | 'Signal',
  options: SourceOptions,
): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt']);
  const looksFor =
    app === 'WhatsApp'
      ? 'lines such as "30/01/19, 20:49 - Name: text" in a .txt file (WhatsApp → chat → Export chat), its .zip, or a folder of them'
      : 'lines such as "[2019-12-24, 12:23] Name: text" in a .txt file or a folder of them';
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFile(file, app, options, tally),
  );
}

interface LogMessage {
  head: LogHead;
  from: string;
  /** with the original line breaks */
  text: string;
  place: string;
}

async function* readFile(
  file: TreeFile,
  app: 'WhatsApp' | 'Signal',
  options: SourceOptions,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const order = await detectDateOrder(file, app, tally);
  const clock = zoneClock(options.timeZone);
  const systemLines = options.messages.systemLines.map((line) => new RegExp(`^(?:${line})$`, 'u'));
  const gathering = gatherMessages(file.place || '1');
  let open = null as LogMessage | null;
  let begun = false;
  const close = (message: LogMessage | null): Conversation | null => {
    if (message === null) return null;
    const verdict = textVerdict(message.text, systemLines, app, options);
    if ('dropped' in verdict) {
      drop(tally, verdict.dropped);
      return null;
    }
    const text = plainBreaks(verdict.text);
    tally.kept++;
    return gathering.add({
      from: message.from,
      time: plausibleTime(messageTime(message.head, order, clock), tally, () => message.place),
      text,
    });
  };
  for await (const { text: raw, place } of readSourceLines(file, tally)) {
    const line = withoutMarks(raw);
    const head = logHead(line);
    if (head === null && open !== null && open.text.length < LONGEST_MESSAGE_CHARS) {
      open.text += `\n${line}`;
      continue;
    }
    const full = close(open);
    if (full) yield full;
    if (head === null && open === null && begun) continue; // continues a line of the app itself
    begun ||= head !== null;
    if (head !== null) open = beginMessage(head, place, tally);
    // A message that is too long continues as another message of the same sender.
    else if (open !== null) open = { ...open, text: line, place };
    if (open !== null) tally.read++;
    else if (head === null && line.trim() !== '')
      skip(tally, place, 'it stands in front of the first message', 'unreadable line');
  }
  const full = close(open);
  if (full) yield full;
  const rest = gathering.end();
  if (rest) yield rest;
}

const LONGEST_MESSAGE_CHARS = 2 ** 20;
const LONGEST_NAME_CHARS = 100;

/** Returns null, and counts the line as dropped, if the app itself wrote it. */
function beginMessage(head: LogHead, place: string, tally: Tally): LogMessage | null {
  const end = head.rest.indexOf(': ');
  const from = head.rest.slice(0, Math.max(end, 0)).trim();
  if (from === '' || from.length > LONGEST_NAME_CHARS || isSystemName(from)) {
    tally.read++;
    drop(tally, 'system line');
    return null;
  }
  return { head, from: foldNewlines(from.replace(/^~ ?/, '')), text: head.rest.slice(end + 2), place };
}

function textVerdict(
  text: string,
  systemLines: RegExp[],
  app: 'WhatsApp' | 'Signal',
  { messages }: SourceOptions,
): Verdict {
  const trimmed = text.replace(/\s+$/, '');
  if (trimmed.trim() === '') return { dropped: 'empty' };
  if (systemLines.some((line) => line.test(trimmed)) || ENCRYPTED.test(trimmed))
    return messages.system === 'drop' ? { dropped: 'system line' } : { text: trimmed };
  return app === 'WhatsApp' ? whatsappText(trimmed, messages) : { text: trimmed };
}

/** iPhones write this line in the name of the chat. */
const ENCRYPTED = /^Messages and calls are end-to-end encrypted\./;

function messageTime(
  { date: [a, b, c], hour, minute, second, half }: LogHead,
  order: DateOrder,
  clock: ReturnType<typeof zoneClock>,
): number {
  const [year, month, day] =
    order === 'year-month-day' ? [a, b, c] : order === 'day-month-year' ? [c, b, a] : [c, a, b];
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(2000 + (year % 100), month, 0)).getUTCDate())
    return NaN;
  const hours = half === null || hour > 12 ? hour : (hour % 12) + (half === 'pm' ? 12 : 0);
  return clock({ year: year < 100 ? 2000 + year : year, month, day, hour: hours, minute, second });
}

async function detectDateOrder(file: TreeFile, app: string, tally: Tally): Promise<DateOrder> {
  const vote = dateOrderVote();
  let heads = 0;
  let twelveHour = 0;
  for await (const { text } of readSourceLines(file, newTally())) {
    const head = logHead(withoutMarks(text));
    if (head === null) continue;
    vote.add(head);
    heads++;
    if (head.half !== null) twelveHour++;
  }
  const { order, certainty } = vote.result();
  if (heads > 0) {
    const doubt =
      certainty === 'sure'
        ? ''
        : certainty === 'guess'
          ? '; that is a guess, for no date of it has a day above 12'
          : '; but not all of its dates fit that';
    notice(
      tally,
      `${app} log with dates of the form ${order}, a clock of ${twelveHour > heads / 2 ? 'twelve' : '24'} hours${doubt}`,
      file.place,
    );
  }
  return order;
}
