import type { Conversation } from '../../artifacts/conversations.ts';
import { gatherMessages } from '../gather-messages.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { plausibleTime } from '../time/plausible-time.ts';
import type { SourceOptions } from '../source-options.ts';
import { readSourceLines, type SourceLine } from '../source-lines.ts';
import { drop, skip, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';

/** What a line of a log is, if it does not continue the message above. */
export type Head =
  /** `time`: milliseconds since 1970, or NaN */
  | { kind: 'message'; from: string; text: string; time: number }
  /** a line that the app wrote; lines that continue it are ignored */
  | { kind: 'system' }
  /** a date or a title */
  | { kind: 'nothing' };

/** What a whole message turned out to be. */
export type Judged = ({ text: string; dropped?: never } | { dropped: string }) & {
  /** if they are not in the first line */
  from?: string;
  time?: number;
  reactions?: { from: string; reaction: string }[];
};

/** A form of log with one message after the other, of one or more lines each. */
export interface LogForm {
  /** Null if the line continues the message above. `next` is the line below. */
  head(line: string, next: string | undefined): Head | null;
  /** `text` has the original line breaks, but none at its end */
  judge(text: string): Judged;
}

interface Open {
  from: string;
  text: string;
  time: number;
  place: string;
}

/** Reads one log as one conversation. Long ones are split; messages longer than a million characters too. */
export async function* readLog(
  file: TreeFile,
  form: LogForm,
  { messages: choices }: Pick<SourceOptions, 'messages'>,
  tally: Tally,
): AsyncGenerator<Conversation> {
  const gathering = gatherMessages(file.place || '1');
  const systemLines = choices.systemLines.map((line) => new RegExp(`^(?:${line})$`, 'u'));
  const checked = (judged: Judged): Judged => {
    if (judged.dropped !== undefined) return judged;
    if (judged.text.trim() === '') return withoutText(judged, 'empty');
    const isSystem = choices.system === 'drop' && systemLines.some((line) => line.test(judged.text));
    return isSystem ? withoutText(judged, 'system line') : judged;
  };
  const close = (message: Open): (Conversation | null)[] => {
    const judged = checked(form.judge(message.text.trimEnd()));
    const from = foldNewlines(judged.from ?? message.from);
    const ms = judged.time ?? message.time;
    const time =
      judged.dropped === undefined || judged.reactions ? plausibleTime(ms, tally, () => message.place) : null;
    const full: (Conversation | null)[] = [];
    if (judged.dropped !== undefined) drop(tally, judged.dropped);
    else {
      tally.kept++;
      full.push(gathering.add({ from, time, text: plainBreaks(judged.text) }));
    }
    for (const reaction of judged.reactions ?? []) {
      tally.read++;
      if (choices.reactions === 'drop') drop(tally, 'reaction');
      else {
        tally.kept++;
        full.push(gathering.add({ from: foldNewlines(reaction.from), time, text: `[reacted ${reaction.reaction}]` }));
      }
    }
    return full;
  };
  let open: Open | null = null;
  let begun = false;
  for await (const { line, next } of withNext(readSourceLines(file, tally))) {
    const head = form.head(line.text, next);
    if (head === null && open !== null) {
      if (open.text.length < LONGEST_MESSAGE_CHARS) {
        open.text += `\n${line.text}`;
        continue;
      }
    } else if (head === null) {
      if (!begun && line.text.trim() !== '')
        skip(tally, line.place, 'it stands in front of the first message', 'unreadable line');
      continue;
    }
    for (const full of open === null ? [] : close(open)) if (full) yield full;
    if (head === null) open = { ...open!, text: line.text, place: line.place };
    else open = head.kind === 'message' ? { ...head, from: head.from.trim(), place: line.place } : null;
    begun ||= head !== null && head.kind !== 'nothing';
    if (head === null || head.kind !== 'nothing') tally.read++;
    if (head?.kind === 'system') drop(tally, 'system line');
  }
  for (const full of open === null ? [] : close(open)) if (full) yield full;
  const rest = gathering.end();
  if (rest) yield rest;
}

function withoutText({ time, reactions }: Judged, dropped: string): Judged {
  return { dropped, ...(time === undefined ? {} : { time }), ...(reactions ? { reactions } : {}) };
}

const LONGEST_MESSAGE_CHARS = 2 ** 20;

async function* withNext(
  lines: AsyncIterable<SourceLine>,
): AsyncGenerator<{ line: SourceLine; next: string | undefined }> {
  let last: SourceLine | null = null;
  for await (const line of lines) {
    if (last !== null) yield { line: last, next: line.text };
    last = line;
  }
  if (last !== null) yield { line: last, next: undefined };
}
