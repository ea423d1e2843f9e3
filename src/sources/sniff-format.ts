import { sniffExport } from './exports/sniff-export.ts';
import type { SourceFormat } from './format-names.ts';
import { isDialogue, sniffLog } from './text-logs/sniff-log.ts';
import { decodeStart } from './text/decode-start.ts';
import { logHead, withoutMarks } from './phone-log/line.ts';
import type { LogHead } from './phone-log/log-head.ts';
import { hasSender } from './phone-log/sender.ts';
import { holdsDialogues } from './ubuntu/archive-start.ts';
import { detectUbuntuForm } from './ubuntu/ubuntu.ts';
import { describeUnrecognized } from './unrecognized.ts';

/**
 * Guesses a file's format from its first few thousand bytes; null if it looks like none of these. JSON, HTML and dated
 * lines of an unknown shape are never taken for plain text.
 */
export function sniffFormat(start: Buffer): SourceFormat | null {
  if (start.length === 0 || start.toString('latin1').startsWith('PK')) return null;
  const corpus = detectUbuntuForm(start);
  if (corpus !== null) return !corpus.startsWith('archive') || holdsDialogues(start) ? 'ubuntu' : null;
  const text = decodeStart(start);
  if (text === null) return null;
  const known = sniffExport(text) ?? (OF_IPHONE.test(text) || OF_PROGRAM.test(text) ? null : sniffLog(text));
  if (known !== null) return known;
  if (/^\s*\{\s*["}]/.test(text)) return sniffJson(text);
  const lines = text.split(/\r?\n|\r/).filter((line) => line !== '');
  const log = OF_PROGRAM.test(text) ? null : likelyLog(lines);
  if (log !== null) return log;
  if (/^["\p{L}_][^\p{Nd}]*$/u.test(lines[0] ?? '') && isTable(lines)) return 'csv';
  if (describeUnrecognized(start) !== null) return null;
  if (isTable(lines)) return 'csv';
  return isDialogue(text) ? 'dialogue' : 'text';
}

/** Only WhatsApp's iPhones mark what the app writes. Its dates may be those of Signal's exporters. */
const OF_IPHONE = /^\u200e?\[[^\]\n]*\] [^\n:]+: \u200e/m;

/**
 * A quarter of the lines begin messages of one form, or the first line does and long messages follow. Signal's name
 * their hour and minute only.
 */
function likelyLog(lines: string[]): 'whatsapp' | 'signal' | null {
  const heads = lines
    .flatMap((line) => logHead(withoutMarks(line)) ?? [])
    .filter(({ usual, rest }) => usual || hasSender(rest));
  if (heads.length === 0 || (heads.length < lines.length / 4 && !beginsWithMessage(lines[0]!, heads))) return null;
  if (heads.every(({ form }) => form.endsWith(']')) && !heads.some(({ rest }) => hasSender(rest))) return null;
  const isSignal =
    heads.every(({ form, rest }) => form === '[0-0-0 0:00]' && hasSender(rest)) &&
    lines[0]!.startsWith('[') &&
    !lines.some((line) => line.includes('\u200e'));
  return isSignal && heads.every(({ yearAt }) => yearAt === 0) ? 'signal' : 'whatsapp';
}

/** The first line of a program's log: a date and a time, perhaps the name of a part, and how bad it is. */
const OF_PROGRAM =
  /^\[?\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d:\d\d[^\s\]]*\]? (?:[-\w.]+ -* ?)?\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b/;

/** Whether the first line begins a message, and a line of its form names somebody. */
function beginsWithMessage(first: string, heads: LogHead[]): boolean {
  const form = logHead(withoutMarks(first))?.form ?? '';
  return /[-\]]$/.test(form) && heads.some((head) => head.form === form && hasSender(head.rest));
}

function sniffJson(text: string): 'messenger' | 'telegram' | 'jsonl' | null {
  if (
    /"(date_unixtime|from_id|personal_information)"\s*:|"type"\s*:\s*"(personal_chat|private_\w+|public_\w+|saved_messages|bot_chat)"/.test(
      text,
    )
  )
    return 'telegram';
  if (/"(participants|sender_name|senderName)"\s*:/.test(text)) return 'messenger';
  return /^\s*\{.*"turns"\s*:/.test(text) || /^\s*\{.*\}\r?\n\s*\{/.test(text) ? 'jsonl' : null;
}

/** Whether the first two rows have equally many columns, at least three, and do not look like prose with commas. */
function isTable(lines: string[]): boolean {
  return [',', ';', '\t'].some((separator) => {
    const [first = 0, second = 0] = lines
      .slice(0, 2)
      .map((line) => line.replaceAll(/"[^"]*"/g, '').split(separator).length);
    return first >= 3 && first === second && !/[.!?]\s/.test(lines[0]!);
  });
}
