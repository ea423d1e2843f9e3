import { halfDay } from '../phone-log/half-days.ts';
import { columnOrderVote, type NumericOrder } from '../time/column-order.ts';
import { zoneClock } from '../time/local-time.ts';
import { fullYear, writtenTime, type WrittenTime } from '../time/written-time.ts';
import { filesAt } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { newTally, notice, skipAll, warn, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';
import { placeholder, type Placeholder } from './placeholder.ts';
import { readLog, type Judged, type LogForm } from './read-log.ts';

/**
 * LINE's chat history as text: a date on a line of its own, then `15:04⇥Name⇥text` from a phone, or `15:04 Name text`
 * from a computer, where spaces are all that separates them.
 */
export async function lineSource(path: string, options: SourceOptions): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt']);
  return sourceOfFiles(
    { files, looksFor: 'the .txt file of LINE → a chat → Settings → Export chat history', repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    async function* (file, tally) {
      yield* readLog(file, lineForm(await survey(file, options, tally), options), options, tally);
    },
  );
}

const HALF = '(?:上午|下午|午前|午後|오전|오후|凌晨|清晨|早上|中午|傍晚|晚上)';
const TIME = String.raw`(?:${HALF} ?)?\d{1,2}:\d{2}(?: ?[AaPp]\.?[Mm]\.?)?`;
/** Before a tab, in any language: `09.05`, `SA 9:05`, `1:05 p. m.` */
const ANY_TIME = String.raw`(?:\p{L}[\p{L}\p{M}.]{0,10} ?)?\d{1,2}[:.]\d{2}(?:[ \u00a0\u202f]?\p{L}[\p{L}\p{M}. \u00a0\u202f]{0,10})?`;
const TAB_HEAD = new RegExp(String.raw`^(${ANY_TIME})\t([^\t]*)(?:\t(.*))?$`, 'su');
const SPACE_HEAD = new RegExp(String.raw`^(${TIME}) (.+)$`, 's');
/** `Thu, `, `Do., `, `ศ. `, `Th 5, ` */
const WEEKDAY = String.raw`(?:[\p{L}\p{M}]{1,14}(?: \d)?[.,]{1,2} ?)?`;
const DATE = new RegExp(
  String.raw`^${WEEKDAY}\d{1,4}\s?[./年년-]\s?\d{1,2}\s?[./月월-]\s?\d{1,4}\.?日?(?:일)?(?:$|[\s(（]|[周週星]|\p{L})`,
  'u',
);

const WEEKDAY_AHEAD = new RegExp(`^${WEEKDAY}`, 'u');

/** The date of a line that holds nothing else, on any day of the week in any language. */
export function lineDate(line: string): WrittenTime | null {
  if (line.length > 40 || !DATE.test(line)) return null;
  const plain = line.replace(/[(（].*|(?<=\d日?일?)\s?(?:[周週]|星期).*/u, '').replace(WEEKDAY_AHEAD, '');
  return writtenTime(plain.replace(/(?<=\d\.?)\s*\p{L}[\p{L}\p{M}]{2,}$/u, ''));
}

export const isLineHead = (line: string): boolean => TAB_HEAD.test(line) || SPACE_HEAD.test(line);

interface Survey {
  order: NumericOrder;
  /** whether tabs separate the fields */
  hasTabs: boolean;
  /** in a log without tabs: the beginnings of lines that are names, longest first */
  names: string[];
}

/** Reads the whole file: all dates together tell their order, and names with spaces show where texts begin. */
async function survey(file: TreeFile, { dateOrder }: SourceOptions, tally: Tally): Promise<Survey> {
  const vote = columnOrderVote();
  let isNumeric = false;
  let hasTabs = false;
  const starts: Starts = new Map();
  for await (const { text } of readSourceLines(file, newTally())) {
    const date = lineDate(text);
    if (date !== null) vote.add(date);
    isNumeric ||= date?.date.order === 'unknown';
    hasTabs ||= TAB_HEAD.test(text);
    const rest = hasTabs ? undefined : SPACE_HEAD.exec(text)?.[2];
    if (rest !== undefined) countBeginnings(rest, starts);
  }
  const { order, certainty } = dateOrder ? { order: dateOrder, certainty: 'sure' } : vote.result();
  if (isNumeric) {
    const dates = `LINE log with dates of the form ${order}`;
    if (certainty === 'sure') notice(tally, dates, file.place);
    else warn(tally, `${dates}: a guess; \`dateOrder\` sets the order`, file.place);
  }
  const names = hasTabs ? [] : namesAmong(starts);
  if (names.some((name) => name.includes(' ')))
    warn(
      tally,
      'LINE log of a computer, in which only spaces end the names: names of several words are a guess; a log that a phone exports has tabs',
      file.place,
    );
  return { order, hasTabs, names };
}

/** The beginnings of lines → in how many lines, and in how many of them at least two more words follow. */
type Starts = Map<string, { lines: number; long: number }>;

/** The first one to four words of a line, each of which may be a name. */
function countBeginnings(rest: string, starts: Starts): void {
  const words = rest.split(' ', 6);
  for (let count = 1; count <= 4 && count < words.length; count++) {
    const start = words.slice(0, count).join(' ');
    const known = starts.get(start) ?? { lines: 0, long: 0 };
    starts.set(start, known);
    known.lines++;
    if (words.length > count + 1) known.long++;
  }
}

/**
 * A name of several words is one whose first word is nearly always followed by the same words, where enough words
 * follow for that.
 */
function namesAmong(starts: Starts): string[] {
  return [...starts]
    .filter(([name, { lines }]) => {
      if (lines < 2 || !name.includes(' ')) return lines > 1;
      const shorter = starts.get(name.slice(0, name.lastIndexOf(' ')))!;
      return lines >= shorter.lines * 0.9 || (lines >= 3 && lines >= shorter.long * 0.9 && lines >= shorter.lines / 2);
    })
    .map(([name]) => name)
    .sort((a, b) => b.length - a.length);
}

function lineForm({ order, hasTabs, names }: Survey, { timeZone, messages: choices }: SourceOptions): LogForm {
  const clock = zoneClock(timeZone);
  let day: { year: number; month: number; day: number } | null = null;
  const timeAt = (text: string): number => {
    const [found, hour, minute] = /(\d{1,2})[:.](\d{2})/.exec(text)!;
    return day === null
      ? NaN
      : clock({
          ...day,
          hour: hourOfDay(Number(hour), text.replace(found, ' ').trim()),
          minute: Number(minute),
          second: 0,
        });
  };
  let lines = 0;
  return {
    head(line, next = '') {
      lines++;
      const date = lineDate(line);
      if (date !== null && (next === '' || isLineHead(next))) {
        day = dayOf(date, order);
        return { kind: 'nothing' };
      }
      if (lines <= HEADER_LINES && day === null && !isLineHead(line)) return { kind: 'nothing' };
      const tabs = TAB_HEAD.exec(line);
      if (tabs) {
        const [, time, from, text] = tabs;
        return text === undefined || from === ''
          ? { kind: 'system' }
          : { kind: 'message', from: from!, text, time: timeAt(time!) };
      }
      const spaces = hasTabs ? null : SPACE_HEAD.exec(line);
      if (!spaces || day === null) return null;
      const [, time, rest] = spaces;
      const name = names.find((known) => rest!.startsWith(known));
      if (name?.includes(' ') && rest![name.length] !== ' ') return { kind: 'system' }; // 田中 太郎が退出しました。
      const from = names.find((known) => rest!.startsWith(`${known} `)) ?? rest!.split(' ', 1)[0]!;
      return from.length === rest!.length
        ? { kind: 'system' }
        : { kind: 'message', from, text: rest!.slice(from.length + 1), time: timeAt(time!) };
    },
    judge: (text) => judge(unquoted(text), hasTabs, choices),
  };
}

/** `words` may name the half of the day. */
function hourOfDay(hour: number, words: string): number {
  const half = hour > 12 ? null : halfDay(words);
  if (half === null) return hour;
  const isMorning = half === 'am' || (half === 'night' && (hour === 12 || hour < 6));
  return (hour % 12) + (isMorning ? 0 : 12);
}

/** The title, the day of the export, and an empty line. */
const HEADER_LINES = 3;

function dayOf({ date: { order: known, numbers } }: WrittenTime, order: NumericOrder) {
  const [a, b, c] = numbers;
  const [written, month, day] =
    known === 'known' || order === 'year-month-day' ? [a, b, c] : order === 'month-day-year' ? [c, a, b] : [c, b, a];
  const year = fullYear({ value: written });
  return { year: year > BUDDHIST_FROM ? year - 543 : year, month, day };
}

const BUDDHIST_FROM = 2400;

/** A message of several lines stands in quotes. */
function unquoted(text: string): string {
  return /^"[^]*\n[^]*"$/.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;
}

const KINDS: [Placeholder, RegExp][] = [
  ['photo', /^\[(Photo|写真|照片|圖片|图片|사진|รูปภาพ|รูป|ภาพ|Foto|Gambar)\]$/i],
  ['video', /^\[(Video|動画|影片|视频|動畫|동영상|วิดีโอ|Vídeo)\]$/i],
  [
    'audio',
    /^\[(Voice message|Audio|ボイスメッセージ|語音訊息|语音信息|语音消息|음성메시지|ข้อความเสียง|Pesan suara)\]$/i,
  ],
  ['sticker', /^\[(Sticker|スタンプ|貼圖|贴图|스티커|สติกเกอร์|สติ๊กเกอร์|Stiker)\]$/i],
  ['contact', /^\[(Contact|連絡先|聯絡資訊|联系信息|연락처|รายชื่อติดต่อ|Kontak)\]/i],
  ['location', /^\[(Location|位置情報|位置資訊|位置|위치|ตำแหน่ง(ที่ตั้ง)?|Lokasi|null)\]/i],
  ['file', /^\[(File|ファイル|檔案|文件|파일|ไฟล์)\]/i],
  ['call', /^☎ ?/],
];
/** On a computer, without brackets. */
const BARE: [Placeholder, RegExp][] = [
  ['photo', /^(?:Photos?|写真|画像|照片|圖片|图片|사진|รูป|รูปภาพ)$/],
  ['video', /^(?:Videos?|動画|影片|视频|동영상|วิดีโอ)$/],
  ['audio', /^(?:Audio|ボイスメッセージ|語音訊息|语音消息|음성메시지|ข้อความเสียง)$/],
  ['sticker', /^(?:Stickers?|スタンプ|貼圖|贴图|스티커|สติกเกอร์|สติ๊กเกอร์)$/],
];

function judge(text: string, hasTabs: boolean, choices: SourceOptions['messages']): Judged {
  const kind = (hasTabs ? KINDS : [...KINDS, ...BARE]).find(([, form]) => form.test(text))?.[0];
  return kind === undefined ? { text } : placeholder(kind, choices);
}
