import { placeholder } from '../placeholder.ts';
import type { MessageChoices } from '../source-options.ts';
import { isAttached, isDeleted, isEdited, OMITTED } from './app-phrases.ts';
import { withoutMarks } from './line.ts';

/** The text of a message, possibly a placeholder, or the reason why the message is dropped. */
export type Verdict = { text: string } | { dropped: string };

/** A message as written, and without direction marks. */
export interface Text {
  plain: string;
  marked: string;
}

export interface AppMarks {
  /** the prefix is in brackets, as of an iPhone, which puts U+200E before whatever the app itself writes */
  inBrackets: boolean;
  /** the phrases in place of media in this log */
  placeholders: ReadonlySet<string>;
  /** an iPhone's log without its marks, so that words have to do */
  isUnmarked: boolean;
}

/**
 * Recognizes what WhatsApp writes instead of deleted messages, calls and media: first by its form (U+200E in front, a
 * phrase alone in angle brackets, the name of a file before parentheses), then by its words.
 */
export function whatsappText({ plain: whole, marked: text }: Text, marks: AppMarks, choices: MessageChoices): Verdict {
  const byApp = marks.inBrackets && text.startsWith(LRM);
  const plain = text.endsWith('>') ? withoutMarks(withoutEdit(text)) : whole;
  if (isDeleted(plain)) return choices.unsent === 'drop' ? { dropped: 'unsent' } : { text: plain };
  if (plain.includes('call') && CALL.test(plain)) return placeholder(choices.calls, 'call');
  const [first = '', ...below] = plain.split('\n');
  const [before, kind] = attachment(first, text, marks);
  if (kind === null) {
    if (!byApp && !(marks.inBrackets && OF_LONG_NAME.test(text)) && plain !== NOT_ARRIVED) return { text: plain };
    return choices.system === 'drop' ? { dropped: 'system line' } : { text: plain };
  }
  const caption = [before, ...below].join('\n').trim();
  if (caption !== '') return choices.captions === 'keep' ? { text: caption } : { dropped: 'caption' };
  return placeholder(kind === 'sticker' ? choices.stickers : choices.media, kind);
}

const LRM = '\u200e';

/** The end of a chat's name with a colon in it, and what the app wrote about the chat. */
const OF_LONG_NAME = /^[^\u200e\n]{1,60}: \u200e[^<]/;

/** In place of a message that has not arrived. */
const NOT_ARRIVED = 'Waiting for this message. This may take a while.';

const CALL = /^(Missed|Silenced|Declined)? ?(group )?(voice|video) call(,.*|\..*)?$/i;

/** Removes ` <This message was edited>`; with U+200E before it in any language. */
function withoutEdit(text: string): string {
  const [tag, mark, words] = /[ \u00a0]?(\u200e)?<([^<>\n]+)>$/.exec(text) ?? [];
  if (tag === undefined || tag.length === text.length) return text;
  const isEdit = isEdited(words!) || (mark !== undefined && !FILE_NAME.test(words!) && !OMITTED.test(words!));
  return isEdit ? text.slice(0, -tag.length) : text;
}

const FILE_NAME = /\.\w{2,5}$/;

/** What was attached according to the first line of a message, and what its sender wrote before it on that line. */
function attachment(
  first: string,
  text: string,
  { inBrackets, isUnmarked, placeholders }: AppMarks,
): [before: string, kind: string | null] {
  const byApp = text.startsWith(LRM);
  const trimmed = first.trim();
  const end = trimmed.at(-1);
  if (end === ')') return fileAndNote(trimmed, byApp);
  const english = end === 'd' || end === 'D' || end === '>' ? ENGLISH.exec(trimmed)?.[1]!.toLowerCase() : undefined;
  if (english !== undefined) return ['', KINDS[english] ?? 'media'];
  if (end === '>' && placeholders.has(trimmed)) return ['', 'media'];
  const [whole, before, attached] = end === '>' ? (TAGGED_FILE.exec(trimmed) ?? []) : [];
  if (whole !== undefined && (byApp || before === '' || text.includes(`${LRM}<`))) return [before!, kindOf(attached!)];
  if (trimmed.includes(' • ') && (DOCUMENT.test(trimmed) || (inBrackets && text.includes(` • ${LRM}`))))
    return ['', 'file'];
  if (inBrackets && (byApp || (isUnmarked && isShort(trimmed))) && OMITTED.test(trimmed)) return ['', 'media'];
  return ['', null];
}

/** `Bild weggelassen`, `plan.pdf • 3 Seiten Dokument weggelassen` */
function isShort(text: string): boolean {
  return (
    text
      .slice(text.lastIndexOf('•') + 1)
      .trim()
      .split(' ').length <= 4
  );
}

function fileAndNote(line: string, byApp: boolean): [before: string, kind: string | null] {
  const [, name, note] = FILE_AND_NOTE.exec(line) ?? [];
  const isAttachment = name !== undefined && (byApp || WHATSAPP_FILE.test(name) || isAttached(note!));
  return ['', isAttachment ? kindOf(name) : null];
}

/** `photo`, `video`, … left out of an English export. */
const ENGLISH =
  /^<?(media|image|photo|video|video note|audio|voice message|GIF|sticker|document|contact card|file)( message)? omitted>?$/i;
const KINDS: Record<string, string> = {
  image: 'photo',
  photo: 'photo',
  'video note': 'video',
  video: 'video',
  audio: 'audio',
  'voice message': 'audio',
  gif: 'gif',
  sticker: 'sticker',
  document: 'file',
  file: 'file',
  'contact card': 'contact',
};

/** `IMG-20210803-WA0001.jpg (file attached)` */
const FILE_AND_NOTE = /^(\S.*\.\w{2,5}) \(([^()]+)\)$/;
/** Names that WhatsApp gives to files. */
const WHATSAPP_FILE = /^[A-Z]{3}-\d{8}-WA\d{4,}\.\w{2,5}$/;
/** `<attached: 00000012-PHOTO-2019-01-30-20-50-00.jpg>` */
const TAGGED_FILE = /^(.*?) ?<[\p{L}\p{M} ]+[:：] ?([^<>]+\.\w{2,5})>$/u;
/** `plan.pdf • 3 pages document omitted` */
const DOCUMENT = /\.(pdf|docx?|xlsx?|pptx?|zip) • .*omitted$/i;

function kindOf(file: string): string {
  const name = file.toUpperCase();
  if (/STK-|STICKER|\.WEBP$/.test(name)) return 'sticker';
  if (/IMG-|PHOTO|\.(JPE?G|PNG|HEIC)$/.test(name)) return 'photo';
  if (/GIF-/.test(name)) return 'gif';
  if (/VID-|VIDEO|\.(MP4|MOV|3GP)$/.test(name)) return 'video';
  if (/PTT-|AUD-|AUDIO|\.(OPUS|M4A|MP3|AAC)$/.test(name)) return 'audio';
  return name.endsWith('.VCF') ? 'contact' : 'file';
}
