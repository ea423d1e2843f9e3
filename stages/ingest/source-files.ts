import { statSync } from 'node:fs';
import { filesOnDisk } from '../../src/sources/archive/disk-files.ts';

/**
 * The files of a source folder that the readers may use, as paths relative to it; null if the source is a file. Media
 * files are left out: hashing gigabytes of photos would take long, and adding one does not change the conversations.
 * What cannot be used is left out too; the readers report and skip it.
 */
export function sourceFiles(_param: string, path: string): string[] | null {
  if (!statSync(path).isDirectory()) return null;
  return filesOnDisk(path).files.filter((place) => !MEDIA.test(place));
}

const MEDIA = /\.(jpe?g|png|gif|webp|heic|bmp|svg|mp4|m4v|mov|avi|3gp|webm|mkv|mp3|m4a|aac|ogg|opus|oga|wav|amr|pdf)$/i;
