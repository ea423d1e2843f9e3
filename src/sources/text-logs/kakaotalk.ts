import { csvRows } from '../tables/rows.ts';
import { gatherMessages } from '../gather-messages.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { isoTime } from '../time/iso-times.ts';
import { zoneClock } from '../time/local-time.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import { writtenTime, type WrittenTime } from '../time/written-time.ts';
import type { Conversation } from '../../artifacts/conversations.ts';
import { filesAt, fileStart, lineLocation, readSourceBytes } from '../source-bytes.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { drop, notice, skip, skipAll, type Tally } from '../tally.ts';
import { decodeStart } from '../text/decode-start.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';
import { placeholder, type Placeholder } from './placeholder.ts';
import { readLog, type Judged, type LogForm } from './read-log.ts';

/**
 * KakaoTalk's chats: text from a phone (`2024년 1월 1일 오후 3:15, Name : text`), text from Windows (`[Name] [오후 3:15]
 * text` below a line with the day), and the table of a Mac (`Date,User,Message`), in Korean or English.
 */
export async function kakaoTalkSource(path: string, options: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt', '.csv']);
  return sourceOfFiles(
    { files, looksFor: 'the .txt or .csv file of KakaoTalk → a chat → Export chat', repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    async function* (file, tally) {
      const start = decodeStart(await fileStart(file)) ?? '';
      if (MAC_HEADER.test(start)) yield* readTable(file, options, tally);
      else yield* readLog(file, kakaoTalkForm(options), options, tally);
    },
  );
}

export const MAC_HEADER = /^"?Date"?,"?User"?,"?Message"?\s*(?:[\r\n]|$)/;
export const DAY_LINE = /^-{5,} (.+?) -{5,}$/;
export const WINDOWS_HEAD = /^\[(.*?)\] \[((?:(?:오전|오후|[AP]M) ?)?\d{1,2}:\d{2}(?: ?[AP]M)?)\](?: (.*))?$/is;
const TITLE = /카카오톡 대화$| with KakaoTalk Chats$|^저장한 날짜 ?:|^Date Saved ?:|^Talk_\d{4}\.\d+\.\d+ /;
/** Windows writes these without a time. */
const NOTICE =
  /^(?:.{1,60}님이 (?:들어왔|나갔|.{1,200}(?:초대(?:하였|했)|내보냈))습니다\.|.{1,60} (?:joined this chatroom|left this chatroom|left)\.|.{1,60} invited .{1,200}\.|메시지가 삭제되었습니다\.|The message has been deleted\.|채팅방 관리자가 메시지를 가렸습니다\.)$/;

interface Day {
  year: number;
  month: number;
  day: number;
}

function kakaoTalkForm({ timeZone, messages: choices }: SourceOptions): LogForm {
  const clock = zoneClock(timeZone);
  let day: Day | null = null;
  const timeOn = (date: Day | null, { hour, minute }: WrittenTime): number =>
    date === null ? NaN : clock({ ...date, hour, minute, second: 0 });
  let lines = 0;
  return {
    head(line) {
      lines++;
      const dayLine = DAY_LINE.exec(line)?.[1] ?? (DAY_ALONE.test(line) ? line : null);
      const date = dayLine === null ? null : dayOf(writtenTime(dayLine));
      if (date !== null) {
        day = date;
        return { kind: 'nothing' };
      }
      const windows = WINDOWS_HEAD.exec(line);
      const written = windows && writtenTime(`2000-01-01 ${windows[2]!}`);
      if (windows && written)
        return windows[1] === ''
          ? { kind: 'system' }
          : { kind: 'message', from: windows[1]!, text: windows[3] ?? '', time: timeOn(day, written) };
      if (TITLE.test(line)) return { kind: 'nothing' };
      if (NOTICE.test(line)) return { kind: 'system' };
      const phone = phoneHead(line);
      if (phone === null) return lines <= TITLE_LINES && day === null ? { kind: 'nothing' } : null;
      const { time, from, text } = phone;
      const at = dayOf(time) ?? day;
      return from === null ? { kind: 'system' } : { kind: 'message', from, text, time: timeOn(at, time) };
    },
    judge: (text) => judge(text, choices),
  };
}

/** The title and the day of the export. */
const TITLE_LINES = 2;
const DAY_ALONE = /^(?:\d{4}년 \d{1,2}월 \d{1,2}일 .요일|[A-Z][a-z]+day, [A-Z][a-z]+ \d{1,2}, \d{4})$/;
const STARTS_WITH_TIME = /^(?:\d{4}[년.]|[A-Z][a-z]{2,8} \d|오전 |오후 |\d{1,2}:\d\d)/;
const TIME_ALONE = /^(?:오전|오후)? ?\d{1,2}:\d\d(?: ?[AP]M)?$/;

/** `from`: null in a line of the app. Null if the line does not begin with a time and a comma or colon. */
export function phoneHead(line: string): { time: WrittenTime; from: string | null; text: string } | null {
  if (!STARTS_WITH_TIME.test(line)) return null;
  for (let comma = line.indexOf(', '); comma !== -1 && comma < LONGEST_TIME; comma = line.indexOf(', ', comma + 1)) {
    const time = timeIn(line.slice(0, comma));
    if (time === null) continue;
    const rest = line.slice(comma + 2);
    const end = / : |^: | :$/.exec(rest);
    const from = end === null ? '' : rest.slice(0, end.index);
    return {
      time,
      from: from.trim() === '' ? null : from,
      text: end === null ? '' : rest.slice(end.index + end[0].length),
    };
  }
  const colon = /:\d\d(?: ?[AP]M)?: /.exec(line.slice(0, LONGEST_TIME));
  const alone = timeIn(colon ? line.slice(0, colon.index + colon[0].length - 2) : line);
  return alone === null ? null : { time: alone, from: null, text: '' };
}

const LONGEST_TIME = 40;

function timeIn(text: string): WrittenTime | null {
  if (text.length > LONGEST_TIME || !/\d:\d\d/.test(text)) return null;
  return TIME_ALONE.test(text) ? noDate(writtenTime(`2000-01-01 ${text}`)) : known(writtenTime(text));
}

const noDate = (time: WrittenTime | null): WrittenTime | null =>
  time && { ...time, date: { ...time.date, numbers: [0, 0, 0] } };
const known = (time: WrittenTime | null): WrittenTime | null => (time?.date.order === 'known' ? time : null);

function dayOf(time: WrittenTime | null): Day | null {
  if (time === null || time.date.order !== 'known' || time.date.numbers[1] === 0) return null;
  const [year, month, day] = time.date.numbers;
  return { year, month, day };
}

async function* readTable(
  file: TreeFile,
  { timeZone, messages: choices }: SourceOptions,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const clock = zoneClock(timeZone);
  const gathering = gatherMessages(file.place || '1');
  let isHeader = true;
  const dialect = { notice: (what: string, line: number) => notice(tally, what, lineLocation(file, line)) };
  for await (const rows of csvRows(readSourceBytes(file, tally), dialect))
    for (const row of rows) {
      const place = (): string => lineLocation(file, row.line);
      if (row.kind === 'bad') skip(tally, place(), row.reason, 'unreadable line');
      else if (isHeader) isHeader = false;
      else if (row.fields.length !== 3)
        skip(tally, place(), `${row.fields.length} columns instead of 3`, 'unreadable line');
      else {
        tally.read++;
        const [date, from, text] = row.fields as [string, string, string];
        const isEvent = NOTICE.test(text) || from === '';
        const judged = isEvent
          ? { dropped: 'system line' }
          : text.trim() === ''
            ? { dropped: 'empty' }
            : judge(text, choices);
        if (judged.dropped !== undefined) drop(tally, judged.dropped);
        else {
          tally.kept++;
          const shown = (judged as { text: string }).text;
          const time = plausibleTime(localTime(date, clock), tally, place);
          const full = gathering.add({ from: foldNewlines(from), time, text: plainBreaks(shown) });
          if (full) yield full;
        }
      }
    }
  const rest = gathering.end();
  if (rest) yield rest;
}

function localTime(text: string, clock: ReturnType<typeof zoneClock>): number {
  const utc = new Date(isoTime(text));
  return Number.isNaN(utc.getTime())
    ? NaN
    : clock({
        year: utc.getUTCFullYear(),
        month: utc.getUTCMonth() + 1,
        day: utc.getUTCDate(),
        hour: utc.getUTCHours(),
        minute: utc.getUTCMinutes(),
        second: utc.getUTCSeconds(),
      });
}

const DURATION = String.raw`(?: \d{1,2}:\d\d(?::\d\d)?)?`;
const KINDS: [Placeholder, RegExp][] = [
  ['photo', /^(?:사진(?: \d+장)?|Photos?(?: \d+)?|\d+ photos)$/],
  ['video', /^(?:동영상|Videos?|videos)$/],
  ['sticker', /^(?:\(?이모티콘\)?|Emoticons?)$/],
  ['audio', /^(?:음성메시지|Voice Note|Voice Message)$/],
  ['file', /^(?:파일: |File: )\S[^\n]*$/],
  ['contact', /^(?:연락처|Contact Info)(?:: [^\n]*)?$/],
  ['location', /^(?:지도|Map)(?:: [^\n]*)?$/],
  [
    'call',
    new RegExp(
      String.raw`^(?:(?:보이스톡|페이스톡|그룹콜|라이브톡)(?: (?:해요|종료|취소|부재중|시작|응답 안 함))?|Voice Call|Video Call|Live Talk ended|Missed (?:Voice|Video) Call)${DURATION}$`,
    ),
  ],
];
const DELETED = /^(?:삭제된 메시지입니다\.|This message was deleted\.|This message has been deleted\.)$/;

function judge(text: string, choices: SourceOptions['messages']): Judged {
  if (DELETED.test(text)) return choices.unsent === 'drop' ? { dropped: 'unsent' } : { text };
  const kind = KINDS.find(([, form]) => form.test(text))?.[0];
  return kind === undefined ? { text } : placeholder(kind, choices);
}
