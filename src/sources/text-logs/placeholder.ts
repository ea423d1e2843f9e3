import { placeholder as placeholderOr } from '../placeholder.ts';
import type { MessageChoices } from '../source-options.ts';
import type { Judged } from './read-log.ts';

export type Placeholder =
  | 'photo'
  | 'video'
  | 'audio'
  | 'gif'
  | 'file'
  | 'sticker'
  | 'call'
  | 'contact'
  | 'location'
  | 'media';

/** What becomes of a message that has no words of its own. */
export function placeholder(what: Placeholder, { calls, stickers, media }: MessageChoices): Judged {
  return placeholderOr(what === 'call' ? calls : what === 'sticker' ? stickers : media, what);
}

/** The kind of a file, by its ending. */
export function kindOfFile(name: string): Placeholder {
  if (/\.(jpe?g|png|heic|tiff?|webp|apng|svg|bmp)$/i.test(name)) return 'photo';
  if (/\.gif$/i.test(name)) return 'gif';
  if (/\.(mp4|mov|mkv|mpeg|webm|qt|m4v|3gp|avi)$/i.test(name)) return 'video';
  if (/\.(m4a|aac|mp3|ogg|opus|wav|flac|caf|amr)$/i.test(name)) return 'audio';
  return /\.vcf$/i.test(name) ? 'contact' : 'file';
}
