import { statSync } from 'node:fs';
import { csvSource } from './tables/csv.ts';
import type { SourceFormat } from './format-names.ts';
import { jsonlSource } from './tables/jsonl.ts';
import { hasMessengerThreads, messengerSource } from './messenger/messenger.ts';
import { phoneLogSource } from './phone-log/phone-log.ts';
import type { Reading } from './reading.ts';
import { sampleOf } from './sample-conversations.ts';
import { sniffFormat } from './sniff-format.ts';
import { filesAt, startOf } from './source-bytes.ts';
import type { Source } from './source.ts';
import { telegramSource } from './telegram/telegram.ts';
import { textSource } from './plain-text.ts';
import { diskFile } from './archive/tree-file.ts';
import { isZip } from './archive/tree.ts';
import { ubuntuSource } from './ubuntu/ubuntu.ts';

/** Lists what the format would read at `path`, which must exist. */
export async function findSource(format: SourceFormat, path: string, reading: Reading): Promise<Source> {
  const source = await sourceOf(format, path, reading);
  return reading.sample ? sampleOf(source, reading.sample) : source;
}

async function sourceOf(format: SourceFormat, path: string, reading: Reading): Promise<Source> {
  switch (format) {
    case 'messenger':
    case 'instagram':
      return messengerSource(path, reading, format);
    case 'whatsapp':
      return phoneLogSource(path, 'WhatsApp', reading);
    case 'telegram':
      return telegramSource(path, reading);
    case 'signal':
      return phoneLogSource(path, 'Signal', reading);
    case 'ubuntu':
      return ubuntuSource(path, reading.ubuntu);
    case 'csv':
      return csvSource(path, reading.columns!);
    case 'jsonl':
      return jsonlSource(path, reading.columns);
    case 'text':
      return textSource(path);
  }
}

/** What lies at `path`, by names and the first bytes; null if it looks like nothing that is read. */
export async function likelyFormat(path: string): Promise<SourceFormat | null> {
  if (!statSync(path).isDirectory() && !isZip(path)) return sniffFormat(await startOf(diskFile(path, '', 0)));
  for (const app of ['messenger', 'instagram'] as const) if (await hasMessengerThreads(path, app)) return app;
  const { files } = await filesAt(path, ENDINGS);
  for (const ending of ENDINGS) {
    const first = files.find(({ place }) => place.toLowerCase().endsWith(ending));
    const format = first ? sniffFormat(await startOf(first)) : null;
    if (format !== null) return format;
  }
  return null;
}

/** In a folder of several kinds, the surest first. */
const ENDINGS = ['.tgz', '.tar.gz', '.tar', '.tsv', '.csv', '.jsonl', '.json', '.txt', '.log'];
