import type { Conversation } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { gatherMessages } from '../gather-messages.ts';
import { readSourceLines } from '../source-lines.ts';
import { drop, notice, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';

/**
 * One day of an IRC channel in the format of #ubuntu's logs: `[HH:MM] <nick> text`, `[HH:MM] * nick does something`
 * (read as `/me does something`), and system lines. The file name gives the day, `2004-12-25…`; without it messages
 * have no time. If the clock jumps back by an hour or more, midnight has passed, or noon in a log with a 12-hour clock.
 * Messages are counted as read, not yet as kept.
 */
export async function* readIrcLog(file: TreeFile, tally: Tally): AsyncGenerator<Conversation> {
  const day = /(\d{4}-\d\d-\d\d)[^/]*$/.exec(file.place)?.[1];
  const dayMs = day ? Date.parse(`${day}T00:00:00Z`) : NaN;
  const since = minutesSinceMidnight();
  const gathering = gatherMessages(file.place || '1');
  let timed = false;
  for await (const { text: line } of readSourceLines(file, tally)) {
    if (line === '') continue;
    tally.read++;
    const message = parseIrcLine(line);
    if (typeof message === 'string') {
      drop(tally, message);
      continue;
    }
    const time = dayMs + since.next(message.minute) * 60_000;
    const full = gathering.add({ from: message.from, time: Number.isNaN(time) ? null : time, text: message.text });
    timed = true;
    if (full) yield full;
  }
  const rest = gathering.end();
  if (rest) yield rest;
  if (timed && Number.isNaN(dayMs))
    notice(
      tally,
      'IRC log whose name does not tell the day, so that its messages have no time: give the folder that it lies in',
      file.place,
    );
  if (since.onTwelveHours())
    notice(tally, 'IRC log with a clock of twelve hours, taken to begin before noon', file.place);
}

const MESSAGE = /^\[(\d\d):(\d\d)(?::\d\d)?\] +(?:<[ @+]?([^>]+)>|(\*) (\S+)) ?(.*)$/;
const SYSTEM = /^(?:\[\d\d:\d\d(?::\d\d)?\] )?(?:===|-!-|---|\*\*\*)(?: |$)/;
const NOTICE = /^\[\d\d:\d\d(?::\d\d)?\] -[^ ]+- /;

function parseIrcLine(
  line: string,
): { minute: number; from: string; text: string } | 'system line' | 'notice' | 'empty' | 'not a message' {
  const match = MESSAGE.exec(line);
  if (!match) return SYSTEM.test(line) ? 'system line' : NOTICE.test(line) ? 'notice' : 'not a message';
  const [, hours, minutes, nick, action, actor, rest] = match;
  const text = plainBreaks(rest!);
  if (text.trim() === '') return 'empty';
  return {
    minute: Number(hours) * 60 + Number(minutes),
    from: foldNewlines(nick ?? actor!),
    text: action ? `/me ${text}` : text,
  };
}

function minutesSinceMidnight(): { next(minuteOfDay: number): number; onTwelveHours(): boolean } {
  let before = 0;
  let last = 0;
  let afternoon = false;
  let twelve = false;
  return {
    next(minute) {
      if (minute >= 13 * 60) afternoon = true;
      if (minute + 60 <= last) {
        before += afternoon ? 24 * 60 : 12 * 60;
        twelve ||= !afternoon;
      }
      last = minute;
      return before + minute;
    },
    onTwelveHours: () => twelve,
  };
}
