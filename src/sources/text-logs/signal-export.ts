import { zoneClock } from '../time/local-time.ts';
import type { SourceOptions } from '../source-options.ts';
import { kindOfFile, placeholder, type Placeholder } from './placeholder.ts';
import type { Judged, LogForm } from './read-log.ts';

/** `[2024-05-29 15:04:10] Name: text`; earlier versions wrote a comma and no seconds. */
const HEAD = /^\[(\d{4})-(\d\d)-(\d\d),? (\d\d):(\d\d)(?::(\d\d))?\] (.*?):(?: (.*))?$/s;
const DELETED = '(This message was deleted)';
/** A reply begins with an empty line and the lines of the message that it quotes. */
const QUOTE = /^\s*\n\s*(?:> [^\n]*\n|>\n)+\s*/;
const REACTIONS = /(?:^|\n)\(- ([^\n]+?: [^\n]+?) -\)/;
const STICKER = /(?:^|\n)\(\( [^\n]+? \)\)|\[[^\]\n]*\]\(\.\.\/exported_stickers\/[^)\n]*\) {0,2}/;
const ATTACHMENTS =
  /(?:!?\[[^\]\n]*\]\(\.\/media\/\S*?\)(?: {2}|\s*$)|\((?:media|attachment) not exported\)(?: {2}|\s*$))+\s*$/;
const CALL =
  /^(?:Incoming|Outgoing|Missed)(?: (?:voice|video|group|adhoc))? call(?: \((?:accepted(?:, [\dms ]+)?|declined(?: by recipient)?|unanswered|[a-z]+)\))?$/;

/** chat.md of signal-export. Its form follows from what the program appends to the text of a message. */
export function signalExportForm({ timeZone, messages: choices }: SourceOptions): LogForm {
  const clock = zoneClock(timeZone);
  return {
    head(line) {
      const match = HEAD.exec(line);
      if (!match) return null;
      const [year, month, day, hour, minute, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
      return {
        kind: 'message',
        from: match[7]!,
        text: match[8] ?? '',
        time: clock({ year: year!, month: month!, day: day!, hour: hour!, minute: minute!, second }),
      };
    },
    judge(whole) {
      if (whole.trim() === DELETED) return choices.unsent === 'drop' ? { dropped: 'unsent' } : { text: DELETED };
      let text = `${whole}\n`.replace(QUOTE, '');
      const reactions = reactionsIn(text);
      text = text.replace(REACTIONS, '');
      const attachments = ATTACHMENTS.exec(text)?.[0] ?? '';
      text = text.slice(0, text.length - attachments.length);
      const hasSticker = STICKER.test(text);
      text = text.replace(STICKER, '').trim();
      const media = mediaIn(attachments);
      return {
        ...judgeParts(text, hasSticker ? 'sticker' : media, choices),
        ...(reactions.length > 0 ? { reactions } : {}),
      };
    },
  };
}

function judgeParts(text: string, media: Placeholder | null, choices: SourceOptions['messages']): Judged {
  if (CALL.test(text)) return placeholder('call', choices);
  if (text === '') return media === null ? { dropped: 'empty' } : placeholder(media, choices);
  return media !== null && choices.captions === 'drop' ? { dropped: 'caption' } : { text };
}

function reactionsIn(text: string): { from: string; reaction: string }[] {
  const list = REACTIONS.exec(text)?.[1] ?? '';
  return list.split(', ').flatMap((entry) => {
    const colon = entry.lastIndexOf(': ');
    return colon === -1 ? [] : [{ from: entry.slice(0, colon), reaction: entry.slice(colon + 2) }];
  });
}

function mediaIn(attachments: string): Placeholder | null {
  if (attachments === '') return null;
  const name = /\]\((\.\/media\/\S*?)\)(?:\s|$)/.exec(attachments)?.[1];
  return name === undefined ? 'media' : kindOfFile(name);
}
