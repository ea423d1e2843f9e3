import { placeholder } from '../placeholder.ts';
import type { Message } from '../../artifacts/conversations.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { foreignAppLine } from './foreign-lines.ts';
import { appLine } from './system-lines.ts';
import type { MessageChoices } from '../source-options.ts';
import { drop, notice, type Tally } from '../tally.ts';

/** A message of an export in any form, with its mojibake already repaired. */
export interface RawMessage {
  from: string;
  /** milliseconds; null if there is none */
  time: number | null;
  text: string;
  /** what the message contains besides text, such as `photo` */
  carries: Carried | null;
  share: { link: string; text: string } | null;
  unsent: boolean;
  /** the export marks it as written by the app */
  system: boolean;
  reactions: { from: string; reaction: string }[];
}

export type Carried = 'sticker' | 'photo' | 'video' | 'gif' | 'audio' | 'file' | 'share' | 'call';

export interface MessageRules {
  choices: MessageChoices;
  systemLines: RegExp[];
}

/**
 * Returns what to keep of one record: its message and its reactions, or either, or nothing. The rest is counted by
 * reason. `isOldest`: no other record of the thread is older.
 */
export function keepMessage(
  raw: RawMessage,
  { choices, systemLines }: MessageRules,
  tally: Tally,
  place: string,
  isOldest = false,
): Message[] {
  const found = messageText(raw, choices, systemLines, isOldest);
  const time = plausibleTime(raw.time, tally, place);
  const kept: Message[] = [];
  if ('dropped' in found) dropRecord(tally, found.dropped);
  else kept.push(keep({ from: senderName(raw.from), time, text: found.text }, tally));
  for (const { from, reaction } of raw.reactions) {
    if (choices.reactions === 'drop' || reaction.trim() === '') dropRecord(tally, 'reaction');
    else kept.push(keep({ from: senderName(from), time, text: `[reacted ${reaction}]` }, tally));
  }
  // Files are read from newest to oldest, so later messages come first.
  return kept.reverse();
}

export function dropRecord(tally: Tally, reason: string): void {
  tally.read++;
  drop(tally, reason);
}

/** Facebook's label for a deleted account; also used for a message without a sender. */
const NAMELESS = 'Facebook user';

function senderName(name: string): string {
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
  isOldest: boolean,
): { text: string } | { dropped: string } {
  const { carries } = raw;
  if (raw.unsent && choices.unsent === 'drop') return { dropped: 'unsent' };
  const line = systemLine(raw, systemLines, isOldest);
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

/** The kind of app line that the text is; null if a person wrote it. */
function systemLine(raw: RawMessage, systemLines: RegExp[], isOldest: boolean): ReturnType<typeof appLine> {
  const { text, from, system } = raw;
  if (text.trim() === '') return null;
  return system ? 'system line' : (appLine(text, from, systemLines) ?? foreignAppLine(raw, isOldest));
}

/** The shared link and preview text, without what the written text already contains. */
function sharedText({ share }: RawMessage, written: string, choice: MessageChoices['shares']): string {
  if (share === null || choice === 'drop') return '';
  const shown = choice === 'text' ? [share.link, share.text] : [share.link];
  return shown.filter((text) => text !== '' && !written.includes(text)).join(' ');
}

const CAPTIONED = new Set<Carried>(['photo', 'video', 'gif', 'audio', 'file']);

function carried(carries: Carried, choices: MessageChoices): { text: string } | { dropped: string } {
  if (carries === 'share') return { dropped: 'share' };
  return placeholder(carries === 'sticker' ? choices.stickers : choices.media, carries);
}

/**
 * Returns the time, or null if it is implausible; such a message keeps its position in the file. Times in the near
 * future are kept and only counted, because the result must not depend on the current time. Unlike plausible-time.ts
 * this accepts 1970 to 1979, because record.ts has already detected times in seconds.
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
