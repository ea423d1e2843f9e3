import { speakerOf } from './dialogue.ts';
import { DAY_LINE, MAC_HEADER, phoneHead, WINDOWS_HEAD } from './kakaotalk.ts';
import { IMESSAGE_DATE, isIMessagePage } from './imessage.ts';
import { isLineHead, lineDate } from './line-app.ts';
import { signalForm } from './signal-form.ts';

/** Recognizes logs that are told by more than the date at the beginning of their lines. Null: none of these. */
export function sniffLog(text: string): 'signal' | 'line' | 'kakaotalk' | 'imessage' | null {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .filter((line) => line.trim() !== '');
  if (isIMessagePage(text)) return 'imessage';
  if (MAC_HEADER.test(lines[0] ?? '')) return 'kakaotalk';
  if (signalForm(text) !== 'log') return 'signal';
  if (lines.filter((line) => IMESSAGE_DATE.test(line)).length * 8 > lines.length) return 'imessage';
  if (isKakaoTalk(lines)) return 'kakaotalk';
  const dates = lines.filter((line, index) => lineDate(line) !== null && isLineHead(lines[index + 1] ?? ''));
  const heads = lines.filter(isLineHead);
  const isTitled = lines[0]?.startsWith('[LINE] ') === true;
  return dates.length > 0 && (isTitled || heads.length * 4 > lines.length) ? 'line' : null;
}

function isKakaoTalk(lines: string[]): boolean {
  const isTitled =
    / ?카카오톡 대화$| with KakaoTalk Chats$/.test(lines[0] ?? '') ||
    /^저장한 날짜 ?:|^Date Saved ?:/.test(lines[1] ?? '');
  if (lines.some((line) => DAY_LINE.test(line)) && lines.some((line) => WINDOWS_HEAD.test(line))) return true;
  const heads = lines.filter((line) => phoneHead(line) !== null);
  return (
    heads.length > 0 &&
    (isTitled || (heads.length * 2 > lines.length && heads.some((line) => /^[^:]*:\d\d(?: ?[AP]M)?, .+ : /.test(line))))
  );
}

/** Whether nearly every line is `Name: text`, and the same few names return again and again. */
export function isDialogue(text: string): boolean {
  const lines = text.split(/\r\n?|\n/).filter((line) => line.trim() !== '');
  const names = lines.slice(0, -1).flatMap((line) => speakerOf(line)?.from ?? []);
  const distinct = new Set(names).size;
  return names.length >= 4 && names.length >= (lines.length - 1) * 0.8 && distinct >= 2 && distinct * 2 <= names.length;
}
