import type { Conversation } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { zoneClock } from '../time/local-time.ts';
import { dateOrderVote, logHead, withoutMarks, type DateOrder, type LogHead } from './line.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import type { Reading } from '../reading.ts';
import type { Source } from '../source.ts';
import { filesAt } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import { drop, newTally, notice, skip, skipAll, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';
import { isSystemName, whatsappText, type Verdict } from './whatsapp-words.ts';

/**
 * Chats that a phone exported as text, one a file: WhatsApp's `30/01/19, 20:49 - Name: text` (Android) and `[30/01/19,
 * 20:49:07] Name: text` (iPhone), and Signal's `[2019-12-24, 12:23] Name: text`. Lines that begin no message go on with
 * the one above. Each file is read twice, for whether the day or the month comes first can be told only by all of its
 * dates. Times are those of the phone's clock, in `timeZone`.
 */
export async function phoneLogSource(path: string, app: 'WhatsApp' | 'Signal', reading: Reading): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt']);
  const looksFor =
    app === 'WhatsApp'
      ? 'lines such as «30/01/19, 20:49 - Name: text» in a .txt file (WhatsApp → chat → Export chat), its .zip, or a folder of them'
      : 'lines such as «[2019-12-24, 12:23] Name: text» in a .txt file or a folder of them';
  return sourceOfFiles(
    { files, looksFor, mends: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFile(file, app, reading, tally),
  );
}

interface LogMessage {
  head: LogHead;
  from: string;
  /** with the line breaks of the log */
  text: string;
  place: string;
}

async function* readFile(
  file: TreeFile,
  app: 'WhatsApp' | 'Signal',
  reading: Reading,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const order = await dateOrderOf(file, app, tally);
  const clock = zoneClock(reading.timeZone);
  const systemLines = reading.messages.systemLines.map((line) => new RegExp(`^(?:${line})$`, 'u'));
  const gathering = gatherMessages(file.place || '1');
  let open = null as LogMessage | null;
  let begun = false;
  const close = (message: LogMessage | null): Conversation | null => {
    if (message === null) return null;
    const verdict = verdictOn(message.text, systemLines, app, reading);
    if ('dropped' in verdict) {
      drop(tally, verdict.dropped);
      return null;
    }
    const text = plainBreaks(verdict.text);
    tally.kept++;
    return gathering.add({
      from: message.from,
      time: plausibleTime(timeOf(message.head, order, clock), tally, () => message.place),
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
    if (head === null && open === null && begun) continue; // more of what the app said
    begun ||= head !== null;
    if (head !== null) open = messageOf(head, place, tally);
    else if (open !== null) open = { ...open, text: line, place }; // one that never ends goes on as another of the same person
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

/** Null, and dropped, if the line is the app's own. */
function messageOf(head: LogHead, place: string, tally: Tally): LogMessage | null {
  const end = head.rest.indexOf(': ');
  const from = head.rest.slice(0, Math.max(end, 0)).trim();
  if (from === '' || from.length > LONGEST_NAME_CHARS || isSystemName(from)) {
    tally.read++;
    drop(tally, 'system line');
    return null;
  }
  return { head, from: foldNewlines(from.replace(/^~ ?/, '')), text: head.rest.slice(end + 2), place };
}

function verdictOn(text: string, systemLines: RegExp[], app: 'WhatsApp' | 'Signal', { messages }: Reading): Verdict {
  const trimmed = text.replace(/\s+$/, '');
  if (trimmed.trim() === '') return { dropped: 'empty' };
  if (systemLines.some((line) => line.test(trimmed)) || ENCRYPTED.test(trimmed))
    return messages.system === 'drop' ? { dropped: 'system line' } : { text: trimmed };
  return app === 'WhatsApp' ? whatsappText(trimmed, messages) : { text: trimmed };
}

/** An iPhone says this in the name of the chat. */
const ENCRYPTED = /^Messages and calls are end-to-end encrypted\./;

function timeOf(
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

async function dateOrderOf(file: TreeFile, app: string, tally: Tally): Promise<DateOrder> {
  const vote = dateOrderVote();
  const form = { heads: 0, twelve: 0 };
  for await (const { text } of readSourceLines(file, newTally())) {
    const head = logHead(withoutMarks(text));
    if (head === null) continue;
    vote.add(head);
    form.heads++;
    if (head.half !== null) form.twelve++;
  }
  const { order, how } = vote.result();
  if (form.heads > 0) {
    const doubt =
      how === 'sure'
        ? ''
        : how === 'guess'
          ? '; that is a guess, for no date of it has a day above 12'
          : '; but not all of its dates fit that';
    notice(
      tally,
      `${app} log with dates of the form ${order}, a clock of ${form.twelve > form.heads / 2 ? 'twelve' : '24'} hours${doubt}`,
      file.place,
    );
  }
  return order;
}
