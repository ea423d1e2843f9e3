import type { Carried, RawMessage } from './message.ts';

type Mend = (text: string) => string;
type Json = Record<string, unknown>;

/** A message of the ordinary export or of the flat, end-to-end encrypted one; or why it is none. */
export function rawMessage(record: unknown, form: 'json' | 'flat', mend: Mend): RawMessage | string {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'not a message';
  return form === 'flat' ? flatMessage(record as Json, mend) : ordinaryMessage(record as Json, mend);
}

function ordinaryMessage(raw: Json, mend: Mend): RawMessage | string {
  const content = raw['content'] ?? '';
  if (typeof content !== 'string') return 'text is not a string';
  return {
    from: mended(raw['sender_name'], mend),
    time: timeOf(raw),
    text: mended(content, mend),
    carries: carriedBy(raw),
    share: shareOf(raw['share'], mend),
    unsent: raw['is_unsent'] === true || raw['is_taken_down'] === true,
    system: raw['type'] === 'Subscribe' || raw['type'] === 'Unsubscribe',
    reactions: reactionsOf(raw['reactions'], mend),
  };
}

function flatMessage(raw: Json, mend: Mend): RawMessage | string {
  const text = raw['text'] ?? '';
  if (typeof text !== 'string') return 'text is not a string';
  return {
    from: mended(raw['senderName'], mend),
    time: timeOf(raw),
    text: mended(text, mend),
    carries: mediaOf(raw['media']),
    share: null,
    unsent: raw['isUnsent'] === true,
    system: raw['type'] === 'placeholder',
    reactions: reactionsOf(raw['reactions'], mend),
  };
}

function mended(value: unknown, mend: Mend): string {
  return typeof value === 'string' && value !== '' ? mend(value) : '';
}

/** By the first of these keys that it has. */
const CARRIED: [key: string, carried: Carried][] = [
  ['call_duration', 'call'],
  ['sticker', 'sticker'],
  ['photos', 'photo'],
  ['videos', 'video'],
  ['gifs', 'gif'],
  ['audio_files', 'audio'],
  ['files', 'file'],
  ['share', 'share'],
];

function carriedBy(raw: Json): Carried | null {
  if (raw['type'] === 'Call') return 'call';
  return CARRIED.find(([key]) => raw[key] !== undefined && raw[key] !== null)?.[1] ?? null;
}

/** Of the flat form, which only names files. */
function mediaOf(media: unknown): Carried | null {
  if (!Array.isArray(media) || media.length === 0) return null;
  const uri = String((media[0] as Json | null)?.['uri'] ?? '');
  return carriedFile(uri);
}

/** What a file of an export is, by its folder or its ending. */
export function carriedFile(uri: string): Carried {
  if (/stickers_used/.test(uri)) return 'sticker';
  if (/\/gifs?\/|\.gif$/i.test(uri)) return 'gif';
  if (/\/photos\/|\.(jpe?g|png|webp|heic)$/i.test(uri)) return 'photo';
  if (/\/audio\/|\.(mp3|m4a|aac|wav|ogg|opus)$/i.test(uri)) return 'audio';
  if (/\/videos\/|\.(mp4|mov|webm)$/i.test(uri)) return 'video';
  return 'file';
}

function shareOf(share: unknown, mend: Mend): RawMessage['share'] {
  if (typeof share !== 'object' || share === null) return null;
  const { link, share_text } = share as Json;
  return { link: mended(link, mend), text: mended(share_text, mend) };
}

function reactionsOf(reactions: unknown, mend: Mend): RawMessage['reactions'] {
  if (!Array.isArray(reactions)) return [];
  return (reactions as (Json | null)[]).map((reaction) => ({
    from: mended(reaction?.['actor'], mend),
    reaction: mended(reaction?.['reaction'], mend),
  }));
}

/**
 * `timestamp_ms`, or `timestamp`: in seconds in the exports of April 2018, in milliseconds in the flat form. Null if
 * there is none.
 */
function timeOf(raw: Json): number | null {
  const stamp = raw['timestamp_ms'] ?? raw['timestamp'];
  if (typeof stamp !== 'number' || !Number.isFinite(stamp)) return null;
  const seconds =
    raw['timestamp_ms'] === undefined ? stamp < SECONDS_END : stamp >= SECONDS_BEGIN && stamp < SECONDS_END;
  return Math.round(seconds ? stamp * 1000 : stamp);
}

/** As seconds 2001 to 2128, as milliseconds all in 1970. */
const SECONDS_BEGIN = 1e9;
const SECONDS_END = 5e9;
