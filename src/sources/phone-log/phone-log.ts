import type { Conversation } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { zoneClock } from '../time/local-time.ts';
import { gregorianDay, type Day } from './calendars.ts';
import type { DateOrderFound } from './date-order.ts';
import { impossibleHead } from './impossible-head.ts';
import { logHead, withoutMarks } from './line.ts';
import type { LogHead } from './log-head.ts';
import { readSourceLines } from '../source-lines.ts';
import { hasLongNames, sentLine } from './sender.ts';
import { surveyLog, type LogSurvey } from './survey.ts';
import { isUnmarkedNotice } from './unmarked.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { filesAt } from '../source-bytes.ts';
import { drop, notice, skip, skipAll, warn, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';
import { whatsappText, type Verdict } from './whatsapp-words.ts';

/**
 * Chats that a phone exported as text, one per file: WhatsApp's `30/01/19, 20:49 - Name: text` (Android) and
 * `[30/01/19, 20:49:07] Name: text` (iPhone) in any language, and Signal's `[2019-12-24, 12:23] Name: text`. A line
 * without such a head continues the message above. Each file is read twice, because only all of its lines together show
 * whether the day or the month comes first, who is a person, and what the app wrote. Times are local times in
 * `timeZone`.
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
  /** with the original line breaks and direction marks */
  text: string;
  hasMarks: boolean;
  place: string;
}

async function* readFile(
  file: TreeFile,
  app: 'WhatsApp' | 'Signal',
  options: SourceOptions,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const survey = await surveyLog(file, options.dateOrder);
  reportSurvey(survey, app, file, tally);
  const timeOf = messageTimes(survey, zoneClock(options.timeZone));
  const systemLines = options.messages.systemLines.map((line) => new RegExp(`^(?:${line})$`, 'u'));
  const gathering = gatherMessages(file.place || '1');
  let open = null as LogMessage | null;
  let begun = false;
  const close = (message: LogMessage | null): Conversation | null => {
    if (message === null) return null;
    const verdict = textVerdict(message, { survey, systemLines, app, options });
    if ('dropped' in verdict) {
      drop(tally, verdict.dropped);
      return null;
    }
    const text = plainBreaks(verdict.text);
    tally.kept++;
    const ms = timeOf(message.head);
    if (Number.isNaN(ms)) warn(tally, NO_SUCH_TIME, message.place);
    const time = Number.isNaN(ms) ? null : plausibleTime(ms, tally, () => message.place);
    return gathering.add({ from: message.from, time, text });
  };
  for await (const { text: raw, place } of readSourceLines(file, tally)) {
    const line = withoutMarks(raw);
    const head = headOf(line, survey) ?? headWithoutTime(line, place, survey, tally);
    if (head === null && open !== null && open.text.length < LONGEST_MESSAGE_CHARS) {
      open.text += `\n${raw}`;
      open.hasMarks ||= raw !== line;
      continue;
    }
    const full = close(open);
    if (full) yield full;
    if (head === null && open === null && begun) continue; // continues a line of the app itself
    begun ||= head !== null;
    if (head !== null) open = beginMessage(head, { raw, line, place }, survey, tally);
    // A message that is too long continues as another message of the same sender.
    else if (open !== null) open = { ...open, text: raw, hasMarks: raw !== line, place };
    if (open !== null) tally.read++;
    else if (head === null && line.trim() !== '')
      skip(
        tally,
        place,
        survey.heads === 0 ? 'no line of this file begins like a message' : 'it stands in front of the first message',
        'unreadable line',
      );
  }
  const full = close(open);
  if (full) yield full;
  const rest = gathering.end();
  if (rest) yield rest;
}

const LONGEST_MESSAGE_CHARS = 2 ** 20;

function headOf(line: string, survey: LogSurvey): LogHead | null {
  const head = logHead(line);
  return head !== null && survey.begins(head) ? head : null;
}

const NO_SUCH_TIME = 'line with a date or a time of day that does not exist: its message has no time';

/** The head of a message whose time of day does not exist. The user is told of every line that looks like one. */
function headWithoutTime(line: string, place: string, survey: LogSurvey, tally: Tally): LogHead | null {
  const found = survey.unread.lines === 0 ? null : impossibleHead(line, survey);
  if (found?.isSent) return found.head;
  if (found)
    warn(tally, 'line that begins like a message, but at a time of day that does not exist: read as text', place);
  return null;
}

/** Returns null, and counts the line as dropped, if the app itself wrote it. */
function beginMessage(
  head: LogHead,
  { raw, line, place }: { raw: string; line: string; place: string },
  { senders, unmarked }: LogSurvey,
  tally: Tally,
): LogMessage | null {
  const sent = sentLine(head.rest, senders);
  if (sent === null || sent.from === unmarked?.group) {
    tally.read++;
    drop(tally, 'system line');
    return null;
  }
  const hasMarks = raw.length !== line.length;
  const text = !hasMarks ? sent.text : markedEnd(raw, line.length - sent.text.length);
  const from = foldNewlines(sent.from.startsWith('~') ? sent.from.replace(/^~ ?/, '') : sent.from);
  return { head, from, text, hasMarks, place };
}

/** The end of a line with marks, after this many other characters. */
function markedEnd(raw: string, before: number): string {
  let index = 0;
  for (let passed = 0; passed < before; index++) if (withoutMarks(raw[index]!) !== '') passed++;
  return raw.slice(index);
}

interface Judging {
  survey: LogSurvey;
  systemLines: RegExp[];
  app: 'WhatsApp' | 'Signal';
  options: SourceOptions;
}

function textVerdict(
  { head, from, text, hasMarks }: LogMessage,
  { survey, systemLines, app, options }: Judging,
): Verdict {
  const trimmed = text.trimEnd();
  const plain = hasMarks ? withoutMarks(trimmed) : trimmed;
  if (plain.trim() === '') return { dropped: 'empty' };
  const isNotice = ENCRYPTED.test(plain) || (survey.unmarked !== null && isUnmarkedNotice(from, plain));
  if (isNotice || systemLines.some((line) => line.test(plain)))
    return options.messages.system === 'drop' ? { dropped: 'system line' } : { text: plain };
  return app === 'WhatsApp'
    ? whatsappText(
        { plain, marked: trimmed },
        {
          inBrackets: head.form.endsWith(']'),
          placeholders: survey.placeholders,
          isUnmarked: survey.unmarked !== null,
        },
        options.messages,
      )
    : { text: plain };
}

/** iPhones write this line in the name of the chat. */
const ENCRYPTED = /^Messages and calls are end-to-end encrypted\./;

/** Converts the times of messages. It remembers the latest day, because a day has many messages. */
function messageTimes(survey: LogSurvey, clock: ReturnType<typeof zoneClock>): (head: LogHead) => number {
  let last: LogHead['date'] = [NaN, NaN, NaN];
  let form = '';
  let day: Day | null = null;
  return (head) => {
    const [a, b, c] = head.date;
    if (a !== last[0] || b !== last[1] || c !== last[2] || head.form !== form) {
      const order = survey.orderOf(head);
      day =
        order === 'year-month-day'
          ? gregorianDay(a, b, c)
          : order === 'day-month-year'
            ? gregorianDay(c, b, a)
            : gregorianDay(c, a, b);
      ({ date: last, form } = head);
    }
    if (day === null) return NaN;
    const { year, month, day: dayOfMonth } = day;
    return clock({
      year,
      month,
      day: dayOfMonth,
      hour: survey.halves.hourOf(head),
      minute: head.minute,
      second: head.second,
    });
  };
}

/** Says how the dates were read, and warns of everything that was guessed. */
function reportSurvey(survey: LogSurvey, app: string, file: TreeFile, tally: Tally): void {
  const { heads, orders, halves, strays, firstStray, unread } = survey;
  if (heads === 0) return;
  const hours = `a clock of ${halves.twelveHour() > heads / 2 ? 'twelve' : '24'} hours`;
  for (const { order, certainty } of new Map(orders.map((found) => [found.order, found])).values()) {
    const { say, doubt } = DOUBTS[certainty];
    say(tally, `${app} log with dates of the form ${order}, ${hours}${doubt}`, file.place);
  }
  if (halves.unknown())
    warn(tally, `${app} log with unknown words for am and pm: its hours may be wrong by twelve`, file.place);
  // A few such lines are lists that somebody typed; many are messages.
  if (unread.lines > 1 && unread.lines * 10 > heads)
    warn(
      tally,
      'line that begins with a date and time that cannot be read: taken for text of the message above',
      unread.first,
    );
  if (survey.unmarked !== null)
    warn(
      tally,
      `${app} log of an iPhone without the invisible marks (U+200E) of what the app wrote: words tell it instead, so some of it may be read as messages; export the chat again`,
      file.place,
    );
  if (hasLongNames(survey.senders))
    warn(
      tally,
      `${app} log with a name that seems to hold a colon, because all messages of that person begin with the same words and a colon`,
      file.place,
    );
  if (strays > 0)
    notice(tally, 'line that begins like a message, but in another form than the others: read as text', firstStray);
}

const DOUBTS: Record<DateOrderFound['certainty'], { say: typeof warn; doubt: string }> = {
  sure: { say: notice, doubt: '' },
  given: { say: notice, doubt: ', as `dateOrder` says' },
  'by time': { say: notice, doubt: '; the order of its messages shows that' },
  guess: {
    say: warn,
    doubt:
      '; this is a guess, because no date has a day above 12 and their sequence does not decide it: set `dateOrder`, such as `dateOrder: month-day-year` (with `sources`, beside each `path`)',
  },
  mixed: { say: warn, doubt: '; but not all of its dates fit that: set `dateOrder` if it is wrong' },
};
