import { placeholder } from '../placeholder.ts';
import type { Message } from '../../artifacts/conversations.ts';
import type { MessageChoices } from '../source-options.ts';
import { drop, type Tally } from '../tally.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { plausibleTime } from '../time/plausible-time.ts';

/** A message of any app's export. */
export interface ChatMessage {
  from: string;
  /** milliseconds since 1970; NaN if it cannot be read; null if this kind of export has no times */
  time: number | null;
  text: string;
  /** `app`: a line that the app wrote; `unsent`: its sender deleted it */
  kind: 'typed' | 'app' | 'call' | 'unsent';
  /** what the message carries besides its text */
  carries: Carried | null;
  /** a page that the message shows a preview of */
  share: { link: string; text: string } | null;
  /** somebody else wrote it */
  forwarded: boolean;
  /** `from` is null where the export only counts */
  reactions: { from: string | null; reaction: string }[];
}

export type Carried = 'sticker' | 'photo' | 'video' | 'gif' | 'audio' | 'file' | 'location' | 'contact' | 'poll';

/** A message that was typed and carries nothing. */
export function typedMessage(from: string, time: number, text: string): ChatMessage {
  return { from, time, text, kind: 'typed', carries: null, share: null, forwarded: false, reactions: [] };
}

export interface ChatRules {
  choices: MessageChoices;
  /** match lines of the app as a whole */
  appLines: RegExp[];
}

export function chatRules(choices: MessageChoices): ChatRules {
  return { choices, appLines: choices.systemLines.map((line) => new RegExp(`^(?:${line})$`, 'u')) };
}

/** Returns the message and its reactions, as far as the choices keep them. Counts each of them as kept or dropped. */
export function keepChatMessage(message: ChatMessage, rules: ChatRules, tally: Tally, place: () => string): Message[] {
  const verdict = keptText(message, rules);
  const time = message.time === null ? null : plausibleTime(message.time, tally, place);
  const kept: Message[] = [];
  const keep = (from: string, text: string): void => {
    tally.read++;
    tally.kept++;
    kept.push({ from: foldNewlines(from).trim() || NAMELESS, time, text });
  };
  const text = 'text' in verdict ? plainBreaks(verdict.text) : '';
  if (text.trim() !== '') keep(message.from, text);
  else dropRecord(tally, 'dropped' in verdict ? verdict.dropped : 'empty');
  for (const { from, reaction } of message.reactions) {
    const shown = foldNewlines(reaction).trim();
    if (rules.choices.reactions === 'drop' || from === null || shown === '') dropRecord(tally, 'reaction');
    else keep(from, `[reacted ${shown}]`);
  }
  return kept;
}

/** Counts one record as dropped. */
export function dropRecord(tally: Tally, reason: string): void {
  tally.read++;
  drop(tally, reason);
}

/** The name of a sender that the export no longer knows. */
const NAMELESS = 'Deleted Account';

function keptText(message: ChatMessage, { choices, appLines }: ChatRules): { text: string } | { dropped: string } {
  const { kind, carries, share } = message;
  if (message.forwarded && choices.forwarded === 'drop') return { dropped: 'forwarded' };
  if (kind === 'unsent' && choices.unsent === 'drop') return { dropped: 'unsent' };
  if (kind === 'call') return placeholder(choices.calls, 'call');
  const typed = message.text.trim() === '' ? '' : message.text;
  const byApp = kind === 'app' || (typed !== '' && appLines.some((line) => line.test(typed)));
  if (byApp) return choices.system === 'drop' || typed === '' ? { dropped: 'system line' } : { text: typed };
  const shared = sharedText(share, typed, choices.shares);
  if (shared !== '') return { text: typed === '' ? shared : `${typed} ${shared}` };
  if (typed !== '') return carries !== null && choices.captions === 'drop' ? { dropped: 'caption' } : { text: typed };
  if (carries !== null) return placeholder(carries === 'sticker' ? choices.stickers : choices.media, carries);
  return { dropped: share === null ? 'empty' : 'share' };
}

/** The shared link and its preview, without what was typed anyway. */
function sharedText(share: ChatMessage['share'], typed: string, choice: MessageChoices['shares']): string {
  if (share === null || choice === 'drop') return '';
  const shown = choice === 'text' ? [share.link, share.text] : [share.link];
  return shown.filter((text) => text.trim() !== '' && !typed.includes(text)).join(' ');
}
