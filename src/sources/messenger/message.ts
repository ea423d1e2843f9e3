import type { Message } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { appLine } from './system-lines.ts';
import type { MessageChoices } from '../reading.ts';
import { drop, notice, type Tally } from '../tally.ts';

/** A record of an export, whichever form it had. Strings are mended already. */
export interface RawMessage {
  from: string;
  /** milliseconds; null if there is none */
  time: number | null;
  text: string;
  /** what it carries besides text, such as `photo` */
  carries: Carried | null;
  share: { link: string; text: string } | null;
  unsent: boolean;
  /** the export itself says that nobody typed this */
  system: boolean;
  reactions: { from: string; reaction: string }[];
}

export type Carried = 'sticker' | 'photo' | 'video' | 'gif' | 'audio' | 'file' | 'share' | 'call';

export interface MessageRules {
  choices: MessageChoices;
  systemLines: RegExp[];
}

/**
 * What goes out for one record: nothing, the message, or it and its reactions; everything else is counted by its
 * reason.
 */
export function keepMessage(
  raw: RawMessage,
  { choices, systemLines }: MessageRules,
  tally: Tally,
  place: string,
): Message[] {
  const found = messageText(raw, choices, systemLines);
  const time = plausibleTime(raw.time, tally, place);
  const kept: Message[] = [];
  if ('dropped' in found) dropRecord(tally, found.dropped);
  else kept.push(keep({ from: nameOf(raw.from), time, text: found.text }, tally));
  for (const { from, reaction } of raw.reactions) {
    if (choices.reactions === 'drop' || reaction.trim() === '') dropRecord(tally, 'reaction');
    else kept.push(keep({ from: nameOf(from), time, text: `[reacted ${reaction}]` }, tally));
  }
  // Files are read backwards: what is to stand behind must come before.
  return kept.reverse();
}

export function dropRecord(tally: Tally, reason: string): void {
  tally.read++;
  drop(tally, reason);
}

/** Facebook's own label for an account that is gone; also for a message that names no sender. */
const NAMELESS = 'Facebook user';

function nameOf(name: string): string {
  const folded = foldNewlines(name).trim();
  return folded === '' ? NAMELESS : folded;
}

function keep(message: Message, tally: Tally): Message {
  tally.read++;
  tally.kept++;
  return { ...message, text: plainBreaks(message.text) };
}

function messageText(
  raw: RawMessage,
  choices: MessageChoices,
  systemLines: RegExp[],
): { text: string } | { dropped: string } {
  const { carries } = raw;
  if (raw.unsent && choices.unsent === 'drop') return { dropped: 'unsent' };
  const line = systemLine(raw, systemLines);
  if (carries === 'call' || line === 'call') return placeholder(choices.calls, 'call');
  if (line === 'reaction line' || (line === 'system line' && choices.system === 'drop')) return { dropped: line };
  const written = raw.text.trim() === '' || line === 'attachment line' ? '' : raw.text;
  const shared = sharedText(raw, written, choices.shares);
  if (shared !== '') return { text: written === '' ? shared : `${written} ${shared}` };
  if (written === '' && carries) return carried(carries, choices);
  if (written === '') return line === null ? { dropped: 'empty' } : placeholder(choices.media, 'attachment', line);
  if (carries && CAPTIONED.has(carries) && choices.captions === 'drop') return { dropped: 'caption' };
  return { text: written };
}

/** Which kind of line of the app the text is; null if a person wrote it. */
function systemLine({ text, from, system }: RawMessage, systemLines: RegExp[]): ReturnType<typeof appLine> {
  if (text.trim() === '') return null;
  return system ? 'system line' : appLine(text, from, systemLines);
}

/** What was shared, as far as it is not already in what was written. */
function sharedText({ share }: RawMessage, written: string, choice: MessageChoices['shares']): string {
  if (share === null || choice === 'drop') return '';
  const parts = choice === 'text' ? [share.link, share.text] : [share.link];
  return parts.filter((part) => part !== '' && !written.includes(part)).join(' ');
}

const CAPTIONED = new Set<Carried>(['photo', 'video', 'gif', 'audio', 'file']);

function carried(carries: Carried, choices: MessageChoices): { text: string } | { dropped: string } {
  if (carries === 'share') return { dropped: 'share' };
  return placeholder(carries === 'sticker' ? choices.stickers : choices.media, carries);
}

function placeholder(
  choice: 'drop' | 'placeholder',
  what: string,
  reason = what,
): { text: string } | { dropped: string } {
  return choice === 'drop' ? { dropped: reason } : { text: `[${what}]` };
}

/**
 * Null if it is none: then the message stays where it stands in the file. What is in the future but near stays and is
 * only counted, for what is read must not depend on the clock. Unlike plausible-time.ts it asks nothing of the years
 * before 1980: seconds were made milliseconds.
 */
function plausibleTime(time: number | null, tally: Tally, place: string): number | null {
  if (time !== null && time > 0 && time < END_MS) {
    if (time > tally.future.after && tally.future.messages++ === 0) tally.future.first = place;
    return time;
  }
  notice(
    tally,
    time === null
      ? 'message without a time'
      : time === 0
        ? 'message with a time of zero'
        : time < 0
          ? 'message with a time before 1970'
          : 'message dated after 2099',
    place,
  );
  return null;
}

const END_MS = Date.UTC(2100, 0);
