import { zoneClock } from '../time/local-time.ts';
import { englishDate } from '../time/english-date.ts';
import { filesAt } from '../source-bytes.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { skipAll } from '../tally.ts';
import { sourceOfFiles } from '../units.ts';
import { readIMessagePage } from './imessage-html.ts';
import { kindOfFile, placeholder, type Placeholder } from './placeholder.ts';
import { readLog, type Judged, type LogForm } from './read-log.ts';

/**
 * iMessages as imessage-exporter writes them: .txt, where a message is a line with the date, a line with the sender,
 * and the text; or .html. A file, or a folder or .zip of them; a chat that is there in both is read from its .txt.
 */
export async function imessageSource(path: string, options: SourceOptions): Promise<Source> {
  const tree = await filesAt(path, ['.txt', '.html']);
  const texts = new Set(tree.files.flatMap(({ place }) => (place.endsWith('.txt') ? [place.slice(0, -4)] : [])));
  const files = tree.files.filter(({ place }) => !(place.endsWith('.html') && texts.has(place.slice(0, -5))));
  return sourceOfFiles(
    {
      files,
      looksFor: 'the .txt or .html files of imessage-exporter, or a folder of them',
      repairsMojibake: false,
    },
    (tally) => skipAll(tree.refused, tally),
    (file, tally) =>
      /\.html?$/i.test(file.path) && !/\.txt$/i.test(file.place)
        ? readIMessagePage(file, options, tally)
        : readLog(file, imessageForm(options), options, tally),
  );
}

/** Whether the beginning of a page is that of imessage-exporter. */
export function isIMessagePage(start: string): boolean {
  if (!/^\s*<(?:!doctype|html)/i.test(start)) return false;
  return (
    /\.sent\.iMessage\b/.test(start) || /class="message"[^]*class="(?:sent|received)[^]*class="timestamp"/.test(start)
  );
}

const DATE = String.raw`[A-Z][a-z]{2} \d{2}, \d{4} {1,2}\d{1,2}:\d{2}:\d{2} [AP]M`;
/** Replies are indented below the message that they answer. */
export const IMESSAGE_DATE = new RegExp(String.raw`^(?: {4})?${DATE}(?: \([^()]*\))?$`);
const ANNOUNCEMENT = new RegExp(String.raw`^${DATE} \S`);
const EDITED = new RegExp(String.raw`^${DATE} `);
const REACTIONS = /(?:^|\n)(?:Reactions|Tapbacks):\n((?:[^\n]+ by [^\n]+(?:\n|$))+)\n?/g;
const REPLY_NOTE = /\n?This message responded to an earlier message\.$/;
const EFFECT =
  /(?:^|\n)Sent with (?:Confetti|Echo|Fireworks|Balloons|Heart|Lasers|Shooting Star|Sparkles|Spotlight|Slam|Loud|Gentle|Invisible Ink)(?=\n|$)/g;
const UNSENT =
  /^(?:This message was deleted from the conversation!|.{1,100} (?:deleted a message\.|unsent (?:a message|this message part).*))$/;
const FILE_NAME =
  /^(?:~?\/|[\w.-]+\/)?[^\n]*[^\s/]\.(?:jpe?g|png|heic|gif|tiff?|webp|mov|mp4|m4v|3gp|m4a|caf|amr|mp3|wav|pdf|vcf|pluginPayloadAttachment|vlocation|zip|docx?|xlsx?|pptx?|txt|key|pages)$/i;

function imessageForm({ timeZone, messages: choices }: SourceOptions): LogForm {
  const clock = zoneClock(timeZone);
  let linesBelowDate = 0;
  return {
    head(line) {
      if (IMESSAGE_DATE.test(line)) {
        linesBelowDate = 0;
        const date = englishDate(line.trim().replace(/ \([^()]*\)$/, ''));
        const indent = line.startsWith(' ') ? '    ' : '';
        return { kind: 'message', from: '', text: indent, time: date === null ? NaN : clock(date) };
      }
      linesBelowDate++;
      // An edited text begins with its own date, right below the sender.
      return linesBelowDate !== 2 && ANNOUNCEMENT.test(line) ? { kind: 'system' } : null;
    },
    judge(block) {
      if (block.startsWith('    ')) return { dropped: 'reply shown a second time' };
      const [, from = '', ...lines] = block.split('\n');
      return { from: from.trim(), ...judgeText(lines.join('\n'), choices) };
    },
  };
}

/** `text`: what stands below the sender. */
function judgeText(text: string, choices: SourceOptions['messages']): Judged {
  const reactions = [...text.matchAll(REACTIONS)].flatMap(([, list]) => list!.trim().split('\n').map(reactionOf));
  const whole = text.replace(REACTIONS, '\n').replace(EFFECT, '').trimEnd().replace(REPLY_NOTE, '').trim();
  const found = { ...(reactions.length > 0 ? { reactions } : {}) };
  const lines = (EDITED.test(whole) ? newestVersion(whole) : whole).split('\n');
  if (UNSENT.test(lines[0]!))
    return { ...(choices.unsent === 'drop' ? { dropped: 'unsent' } : { text: lines[0]! }), ...found };
  const kinds = lines.flatMap((line) => attachmentIn(line) ?? []);
  const words = lines
    .filter((line) => attachmentIn(line) === null)
    .join('\n')
    .trim();
  const [kind] = kinds;
  if (words === '') return { ...(kind === undefined ? { dropped: 'empty' } : placeholder(kind, choices)), ...found };
  return {
    ...(kind !== undefined && choices.captions === 'drop' ? { dropped: 'caption' } : { text: words }),
    ...found,
  };
}

function attachmentIn(line: string): Placeholder | null {
  if (/^(?:\w+ )?Sticker from .+: \S/.test(line)) return 'sticker';
  if (line === 'Attachment missing!') return 'media';
  return FILE_NAME.test(line) && /\/|^\S+$/.test(line) ? kindOfFile(line) : null;
}

/** The versions of an edited text: the first behind its date, the others behind `Edited 5 seconds later: `. */
function newestVersion(text: string): string {
  const versions = text.replace(EDITED, '').split(/\n+Edited [^\n:]* later: /);
  return versions.at(-1)!;
}

function reactionOf(line: string): { from: string; reaction: string } {
  const end = line.lastIndexOf(' by ');
  const reaction = line.slice(0, end);
  return { from: line.slice(end + ' by '.length), reaction: NAMED_REACTIONS[reaction] ?? reaction };
}

const NAMED_REACTIONS: Record<string, string> = {
  Loved: '❤',
  Liked: '👍',
  Disliked: '👎',
  Laughed: '😂',
  Emphasized: '‼',
  Questioned: '❓',
};
