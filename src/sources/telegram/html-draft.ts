import type { Carried } from '../exports/chat-message.ts';

/** A message as a page of the HTML export shows it. */
export interface HtmlDraft {
  isService: boolean;
  /** a line that only says which day it is; Telegram gives it a negative number */
  isDay: boolean;
  /** the message continues those of the person before it, so the page does not repeat the name */
  isJoined: boolean;
  isForwarded: boolean;
  /** false if the page ends inside the message */
  isWhole: boolean;
  from: string;
  /** `30.01.2023 20:49:07 UTC+01:00`; without the zone before 2022 */
  date: string;
  text: string;
  media: Carried | 'call' | null;
  reactions: { emoji: string; names: string[]; count: number }[];
}

/** What the text of an element belongs to. */
export type Region =
  | 'message'
  | 'ignored'
  | 'sender'
  | 'text'
  | 'media'
  | 'media title'
  | 'reactions'
  | 'emoji'
  | 'count';

export function newDraft(classes: string[], id: string): HtmlDraft {
  return {
    isService: classes.includes('service'),
    isDay: classes.includes('service') && id.startsWith('message-'),
    isJoined: classes.includes('joined'),
    isForwarded: false,
    isWhole: false,
    from: '',
    date: '',
    text: '',
    media: null,
    reactions: [],
  };
}

/** The region of an element inside a message. Notes in the draft what its attributes say. */
export function openRegion(
  draft: HtmlDraft,
  outer: Region,
  classes: string[],
  attributes: Record<string, string>,
): Region {
  const has = (name: string): boolean => classes.includes(name);
  const title = attributes['title'] ?? '';
  if (outer === 'reactions') return openReaction(draft, has, title);
  if (outer === 'media') {
    draft.media ??= mediaKind(classes);
    return has('title') ? 'media title' : 'media';
  }
  if (outer !== 'message') return outer;
  if (has('date') && !draft.isForwarded) draft.date ||= title;
  if (has('reactions')) return 'reactions';
  if (has('media_wrap')) return 'media';
  // The name and the text of the original stand in a body of their own, after the name of who forwarded it.
  if (has('forwarded') && has('body')) draft.isForwarded = true;
  if (has('from_name')) return draft.isForwarded ? 'ignored' : 'sender';
  if (has('text') || (draft.isService && has('body'))) return 'text';
  return IGNORED.some(has) ? 'ignored' : 'message';
}

const IGNORED = ['details', 'userpic', 'userpic_wrap', 'bot_buttons_table'];

/** `👍` with the pictures of who reacted, whose titles are their names, or with their number. */
function openReaction(draft: HtmlDraft, has: (name: string) => boolean, title: string): Region {
  if (has('reaction')) draft.reactions.push({ emoji: '', names: [], count: 0 });
  const reaction = draft.reactions.at(-1);
  if (reaction && has('emoji')) return 'emoji';
  if (reaction && has('count')) return 'count';
  if (title !== '') reaction?.names.push(title);
  return 'reactions';
}

const MEDIA: [name: string, media: Carried | 'call'][] = [
  ['sticker_wrap', 'sticker'],
  ['animated_wrap', 'gif'],
  ['photo_wrap', 'photo'],
  ['media_photo', 'photo'],
  ['video_file_wrap', 'video'],
  ['media_video', 'video'],
  ['media_voice_message', 'audio'],
  ['media_audio_file', 'audio'],
  ['media_file', 'file'],
  ['media_call', 'call'],
  ['media_contact', 'contact'],
  ['media_location', 'location'],
  ['media_live_location', 'location'],
  ['media_venue', 'location'],
  ['media_poll', 'poll'],
  ['media_game', 'file'],
  ['media_invoice', 'file'],
];

function mediaKind(classes: string[]): HtmlDraft['media'] {
  return MEDIA.find(([name]) => classes.includes(name))?.[1] ?? null;
}

/** Adds text to the draft, in which only `\n` from a <br> is a line break. */
export function addToDraft(draft: HtmlDraft, region: Region, text: string): void {
  if (region === 'sender') draft.from += text;
  else if (region === 'text') draft.text += text;
  else if (region === 'emoji') draft.reactions.at(-1)!.emoji += text;
  else if (region === 'count') draft.reactions.at(-1)!.count = Number(text.trim()) || draft.reactions.at(-1)!.count;
  else if (region === 'media title') noteMediaTitle(draft, text.trim());
}

/** Files that were not exported all look alike, but for their titles, which are in English in every language. */
function noteMediaTitle(draft: HtmlDraft, title: string): void {
  if (title === 'Sticker') draft.media = 'sticker';
  if (title === 'Animation') draft.media = 'gif';
}
