import type { MessageChoices } from '../source-options.ts';

/** The text of a message, possibly a placeholder, or the reason why the message is dropped. */
export type Verdict = { text: string } | { dropped: string };

/** Recognizes the English texts that WhatsApp writes instead of deleted messages, calls and media. */
export function whatsappText(text: string, { unsent, calls, stickers, media, captions }: MessageChoices): Verdict {
  const plain = text.replace(/ ?<This message was edited>$/, '');
  if (/^(This message was deleted|You deleted this message)( by admin .*)?\.?$/.test(plain))
    return unsent === 'drop' ? { dropped: 'unsent' } : { text: plain };
  if (/^(Missed|Silenced|Declined)? ?(group )?(voice|video) call(,.*|\..*)?$/i.test(plain))
    return placeholder(calls, 'call');
  const [first, ...below] = plain.split('\n');
  const kind = attachmentKind(first!);
  if (kind === null) return { text: plain };
  const caption = below.join('\n').trim();
  if (caption !== '') return captions === 'keep' ? { text: caption } : { dropped: 'caption' };
  return placeholder(kind === 'sticker' ? stickers : media, kind);
}

/** Whether the text in the position of a name is really part of a line about the chat, written by the app. */
export function isSystemName(name: string): boolean {
  return SYSTEM.test(name) || /["“”«»]/.test(name);
}

const SYSTEM =
  /\b(created (this )?group|changed (the|their|this|to)|added|removed|left|joined|pinned|turned (on|off)|You're now|security code)\b.*[ "]/;

function placeholder(choice: 'drop' | 'placeholder', what: string): Verdict {
  return choice === 'drop' ? { dropped: what } : { text: `[${what}]` };
}

const OMITTED =
  /^<?(media|image|photo|video|video note|audio|voice message|GIF|sticker|document|contact card|file)( message)? omitted>?$/i;
const ATTACHED = /^<attached: (.+)>$|^(.+\.\w{2,5}) \(file attached\)$/i;

function attachmentKind(line: string): string | null {
  const omitted = OMITTED.exec(line)?.[1]!.toLowerCase();
  if (omitted !== undefined)
    return (
      {
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
      }[omitted] ?? 'media'
    );
  const attached = ATTACHED.exec(line);
  if (!attached) return /\.(pdf|docx?|xlsx?|zip) • .*omitted$/i.test(line) ? 'file' : null;
  const name = (attached[1] ?? attached[2])!.toUpperCase();
  if (/STK-|\.WEBP$/.test(name)) return 'sticker';
  if (/IMG-|PHOTO|\.(JPE?G|PNG|HEIC)$/.test(name)) return 'photo';
  if (/GIF-/.test(name)) return 'gif';
  if (/VID-|VIDEO|\.(MP4|MOV|3GP)$/.test(name)) return 'video';
  if (/PTT-|AUD-|AUDIO|\.(OPUS|M4A|MP3|AAC)$/.test(name)) return 'audio';
  return name.endsWith('.VCF') ? 'contact' : 'file';
}
