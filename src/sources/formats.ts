import { statSync } from 'node:fs';
import { chatLabSource } from './chatlab/chatlab.ts';
import { datasetSource } from './dataset/dataset.ts';
import { discordSource } from './discord/discord.ts';
import { googleChatSource, hasGoogleChats } from './google-chat/google-chat.ts';
import { signalDesktopSource } from './signal-desktop/signal-desktop.ts';
import { hasSlackDays } from './slack/layout.ts';
import { slackSource } from './slack/slack.ts';
import { csvSource } from './tables/csv.ts';
import type { SourceFormat } from './format-names.ts';
import { jsonlSource } from './tables/jsonl.ts';
import { hasMessengerThreads, messengerSource } from './messenger/messenger.ts';
import { phoneLogSource } from './phone-log/phone-log.ts';
import type { SourceOptions } from './source-options.ts';
import { sniffFormat } from './sniff-format.ts';
import { filesAt, fileStart } from './source-bytes.ts';
import type { Source } from './source.ts';
import { telegramSource } from './telegram/telegram.ts';
import { dialogueSource } from './text-logs/dialogue.ts';
import { imessageSource } from './text-logs/imessage.ts';
import { kakaoTalkSource } from './text-logs/kakaotalk.ts';
import { lineSource } from './text-logs/line-app.ts';
import { signalSource } from './text-logs/signal.ts';
import { textSource } from './plain-text.ts';
import { diskFile } from './archive/tree-file.ts';
import { isZip } from './archive/tree.ts';
import { ubuntuSource } from './ubuntu/ubuntu.ts';

/** Finds the files that the format would read at `path`, which must exist. */
export async function findSource(format: SourceFormat, path: string, options: SourceOptions): Promise<Source> {
  switch (format) {
    case 'messenger':
    case 'instagram':
      return messengerSource(path, options, format);
    case 'whatsapp':
      return phoneLogSource(path, 'WhatsApp', options);
    case 'telegram':
      return telegramSource(path, options);
    case 'signal':
      return signalSource(path, options);
    case 'imessage':
      return imessageSource(path, options);
    case 'line':
      return lineSource(path, options);
    case 'kakaotalk':
      return kakaoTalkSource(path, options);
    case 'signal-desktop':
      return signalDesktopSource(path, options);
    case 'discord':
      return discordSource(path, options);
    case 'slack':
      return slackSource(path, options);
    case 'google-chat':
      return googleChatSource(path, options);
    case 'chatlab':
      return chatLabSource(path, options);
    case 'ubuntu':
      return ubuntuSource(path, options.ubuntu);
    case 'csv':
      return csvSource(path, options.columns!, options);
    case 'jsonl':
      return jsonlSource(path, options);
    case 'dataset':
      return datasetSource(path, options);
    case 'dialogue':
      return dialogueSource(path, options);
    case 'text':
      return textSource(path, options);
  }
}

/** Guesses the format of `path` from file names and first bytes; null if it looks like none of the known formats. */
export async function likelyFormat(path: string): Promise<SourceFormat | null> {
  if (!statSync(path).isDirectory() && !isZip(path))
    return unlessNamedOtherwise(path, sniffFormat(await fileStart(diskFile(path, '', 0))));
  for (const app of ['messenger', 'instagram'] as const) if (await hasMessengerThreads(path, app)) return app;
  if (await hasSlackDays(path)) return 'slack';
  if (await hasGoogleChats(path)) return 'google-chat';
  const { files } = await filesAt(path, ENDINGS);
  for (const ending of ENDINGS) {
    const candidates = files.filter(({ place }) => place.toLowerCase().endsWith(ending));
    for (const file of candidates.slice(0, ending.startsWith('.json') ? MOST_TRIED : 1)) {
      const format = sniffFormat(await fileStart(file));
      // Notes and pages beside a chat are not chats, and the reader of plain text leaves out all but .txt files.
      const isBesideChats = format === 'text' ? ending !== '.txt' : /^\.(md|html)$/.test(ending) && PLAIN.has(format!);
      if (format !== null && !isBesideChats) return format;
    }
  }
  return null;
}

/** A file whose name promises data is no plain text, although its first lines may look like it. */
function unlessNamedOtherwise(path: string, format: SourceFormat | null): SourceFormat | null {
  if (format !== 'text') return format;
  if (/\.[ct]sv$/i.test(path)) return 'csv';
  return /\.(jsonl?|ndjson|html?|xml)$/i.test(path) ? null : format;
}

/** Formats that nearly any text might have. */
const PLAIN = new Set<SourceFormat>(['dialogue', 'csv']);

/** The order in which a folder with several kinds of files is checked: the least ambiguous ending first. */
export const ENDINGS = ['.tgz', '.tar.gz', '.tar', '.tsv', '.csv', '.jsonl', '.json', '.html', '.md', '.txt', '.log'];

/** An export in JSON may begin with a list of people, or with an empty file. */
const MOST_TRIED = 20;
