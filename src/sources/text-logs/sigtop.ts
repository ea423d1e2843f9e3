import { zoneClock } from '../time/local-time.ts';
import type { SourceOptions } from '../source-options.ts';
import { placeholder } from './placeholder.ts';
import type { Judged, LogForm } from './read-log.ts';

const SHORT_HEAD = /^(?:(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d)|unknown) (?!- )(.*?):(?: (.*))?$/s;
const DETAIL = String.raw`(?:reply to .+? on (?:unknown|\d{4}-\d\d-\d\d \d\d:\d\d)|edited|\d+ attachments?)`;
const DETAILS = new RegExp(String.raw`^\[(${DETAIL}(?:, ${DETAIL})*)\](?: |$)`);
const OTHER_TYPE = /^\[([\w-]+) message\]$/;

/** `2023-01-23 12:34 Name: text`, as sigtop writes it with `-f text-short`. Details stand in brackets before the text. */
export function sigtopShortForm({ timeZone, messages: choices }: SourceOptions): LogForm {
  const clock = zoneClock(timeZone);
  return {
    head(line) {
      const match = SHORT_HEAD.exec(line);
      if (!match) return null;
      const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [
        number,
        number,
        number,
        number,
        number,
      ];
      const time = match[1] === undefined ? NaN : clock({ year, month, day, hour, minute, second: 0 });
      return { kind: 'message', from: match[6]!, text: match[7] ?? '', time };
    },
    judge(text) {
      const type = OTHER_TYPE.exec(text)?.[1];
      if (type !== undefined) return otherType(type, choices);
      const details = DETAILS.exec(text);
      return judgeBody(
        details ? text.slice(details[0].length) : text,
        /\d attachment/.test(details?.[1] ?? ''),
        choices,
      );
    },
  };
}

/** A phone number, an id, a user name or the word group, which sigtop puts behind a name. */
const CONTACT = / \((?:\+\d+|[\da-f]{8}-[\da-f-]{27}|group|[^\s()]+\.\d+)\)$/;
const TYPE = /^Type: [\w-]+$/;

/**
 * Blocks of fields, an empty line, and the text, as sigtop writes them with `-f text`. Quoted messages are marked with
 * `>`, the versions of an edited one with `|`, newest first.
 */
export function sigtopForm({ messages: choices }: SourceOptions): LogForm {
  let isBelowFrom = false;
  return {
    head(line, next = '') {
      if (line.startsWith('Conversation: ') && next === '') return { kind: 'nothing' };
      const isFrom = line.startsWith('From: ') && TYPE.test(next);
      // A message that nobody sent has no line with a sender.
      const isFirst = isFrom || (!isBelowFrom && TYPE.test(line) && /^(Sent|Received): /.test(next));
      isBelowFrom = isFrom;
      return isFirst ? { kind: 'message', from: '', text: line, time: NaN } : null;
    },
    judge(block) {
      const end = block.indexOf('\n\n');
      const fields = (end === -1 ? block : block.slice(0, end)).split('\n');
      const field = (name: string): string | undefined =>
        fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const type = field('Type') ?? '';
      const body = bodyOf(end === -1 ? '' : block.slice(end + 2));
      const judged =
        type === 'incoming' || type === 'outgoing'
          ? judgeBody(body, field('Attachment') !== undefined, choices)
          : otherType(type, choices);
      const reactions = fields.flatMap((line) => {
        const match = /^Reaction: (\S+) from (.*)$/.exec(line);
        return match ? [{ from: match[2]!.replace(CONTACT, ''), reaction: match[1]! }] : [];
      });
      const sent = Date.parse(field('Sent') ?? '');
      return {
        ...judged,
        from: (field('From') ?? '').replace(CONTACT, ''),
        time: sent,
        ...(reactions.length > 0 ? { reactions } : {}),
      };
    },
  };
}

function bodyOf(text: string): string {
  if (/^\| Version: \d+$/m.test(text.split('\n', 1)[0]!)) {
    const [newest = ''] = text.split(/\n\|\n\| Version: \d+\n/);
    const lines = newest.split('\n').map((line) => line.replace(/^\| ?/, ''));
    const start = lines.indexOf('');
    return start === -1 ? '' : withoutQuote(lines.slice(start + 1).join('\n'));
  }
  return withoutQuote(text);
}

/** A quote stands above the text, and an empty line between them. */
function withoutQuote(text: string): string {
  return text.startsWith('> From: ') ? text.replace(/^(?:>[^\n]*(?:\n|$))+\n?/, '') : text;
}

function otherType(type: string, choices: SourceOptions['messages']): Judged {
  return type === 'call-history' ? placeholder('call', choices) : { dropped: 'system line' };
}

function judgeBody(text: string, hasMedia: boolean, choices: SourceOptions['messages']): Judged {
  if (text.trim() === '') return hasMedia ? placeholder('media', choices) : { dropped: 'empty' };
  return hasMedia && choices.captions === 'drop' ? { dropped: 'caption' } : { text };
}
