import type { Carried } from './chat-message.ts';

/** What a file is, by its media type if that is known, or else by the extension of its name. */
export function fileKind(mediaType: string, name: string): Carried {
  if (/^image\/gif\b/.test(mediaType) || /\.gif$/i.test(name)) return 'gif';
  const [family] = mediaType.split('/', 1);
  if (family === 'image') return 'photo';
  if (family === 'video' || family === 'audio') return family;
  if (/\.(jpe?g|png|webp|heic|heif|bmp|tiff?)$/i.test(name)) return 'photo';
  if (/\.(mp4|m4v|mov|webm|mkv|avi|3gp)$/i.test(name)) return 'video';
  if (/\.(mp3|m4a|aac|wav|ogg|oga|opus|flac|amr)$/i.test(name)) return 'audio';
  return 'file';
}
