import type { Carried, RawMessage } from './message.ts';

type Repair = (text: string) => string;
type Json = Record<string, unknown>;

/** A message of the ordinary export or of the flat, end-to-end encrypted one; or the reason if it is not a message. */
export function rawMessage(record: unknown, form: 'json' | 'flat', repair: Repair): RawMessage | string {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'not a message';
  return form === 'flat' ? flatMessage(record as Json, repair) : ordinaryMessage(record as Json, repair);
}

function ordinaryMessage(raw: Json, repair: Repair): RawMessage | string {
  const content = raw['content'] ?? '';
  if (typeof content !== 'string') return 'text is not a string';
  return {
    from: repaired(raw['sender_name'], repair),
    time: recordTime(raw),
    text: repaired(content, repair),
    carries: carriedBy(raw),
    share: readShare(raw['share'], repair),
    unsent: raw['is_unsent'] === true || raw['is_taken_down'] === true,
    system: raw['type'] === 'Subscribe' || raw['type'] === 'Unsubscribe',
    reactions: readReactions(raw['reactions'], repair),
  };
}

function flatMessage(raw: Json, repair: Repair): RawMessage | string {
  const text = raw['text'] ?? '';
  if (typeof text !== 'string') return 'text is not a string';
  return {
    from: repaired(raw['senderName'], repair),
    time: recordTime(raw),
    text: repaired(text, repair),
    carries: flatMedia(raw['media']),
    share: null,
    unsent: raw['isUnsent'] === true,
    system: raw['type'] === 'placeholder',
    reactions: readReactions(raw['reactions'], repair),
  };
}

function repaired(value: unknown, repair: Repair): string {
  return typeof value === 'string' && value !== '' ? repair(value) : '';
}

/** The first of these keys that a message has decides. */
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

/** For the flat form, which only lists file names. */
function flatMedia(media: unknown): Carried | null {
  if (!Array.isArray(media) || media.length === 0) return null;
  const uri = String((media[0] as Json | null)?.['uri'] ?? '');
  return carriedFile(uri);
}

/** The kind of an export's media file, by its folder or extension. */
export function carriedFile(uri: string): Carried {
  if (/stickers_used/.test(uri)) return 'sticker';
  if (/\/gifs?\/|\.gif$/i.test(uri)) return 'gif';
  if (/\/photos\/|\.(jpe?g|png|webp|heic)$/i.test(uri)) return 'photo';
  if (/\/audio\/|\.(mp3|m4a|aac|wav|ogg|opus)$/i.test(uri)) return 'audio';
  if (/\/videos\/|\.(mp4|mov|webm)$/i.test(uri)) return 'video';
  return 'file';
}

function readShare(share: unknown, repair: Repair): RawMessage['share'] {
  if (typeof share !== 'object' || share === null) return null;
  const { link, share_text } = share as Json;
  return { link: repaired(link, repair), text: repaired(share_text, repair) };
}

function readReactions(reactions: unknown, repair: Repair): RawMessage['reactions'] {
  if (!Array.isArray(reactions)) return [];
  return (reactions as (Json | null)[]).map((reaction) => ({
    from: repaired(reaction?.['actor'], repair),
    reaction: repaired(reaction?.['reaction'], repair),
  }));
}

/**
 * `timestamp_ms`, or `timestamp`: in seconds in the exports of April 2018, in milliseconds in the flat form. Null if
 * there is none.
 */
function recordTime(raw: Json): number | null {
  const stamp = raw['timestamp_ms'] ?? raw['timestamp'];
  if (typeof stamp !== 'number' || !Number.isFinite(stamp)) return null;
  const seconds =
    raw['timestamp_ms'] === undefined ? stamp < SECONDS_END : stamp >= SECONDS_BEGIN && stamp < SECONDS_END;
  return Math.round(seconds ? stamp * 1000 : stamp);
}

/** As seconds these are 2001 and 2128; as milliseconds both are in 1970. */
const SECONDS_BEGIN = 1e9;
const SECONDS_END = 5e9;
