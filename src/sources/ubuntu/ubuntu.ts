import { basename } from 'node:path';
import type { Conversation } from '../../artifacts/conversations.ts';
import { dialogueKeeper, type DialogueRules } from './dialogue-rules.ts';
import { readIrcLog } from './irc-log.ts';
import type { Source } from '../source.ts';
import { filesAt, startOf } from '../source-bytes.ts';
import { notice, skip, type Tally } from '../tally.ts';
import { tarFiles } from '../archive/tar-files.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { readUbuntuCsv } from './csv.ts';
import { readUbuntuTsv } from './tsv.ts';
import { sourceOfFiles } from '../units.ts';

/**
 * The Ubuntu Dialogue Corpus in each of its packagings, told by the files' endings: Kaggle's .csv, the .tsv tree, that
 * tree as a .tgz read as it is, and the channel's raw logs (.txt, .log). A file, a folder or a .zip; what lies there in
 * several forms is read in all of them.
 */
export async function ubuntuSource(path: string, rules: DialogueRules): Promise<Source> {
  const { files, refused } = await filesAt(path, Object.keys(FORMS));
  const dialogues = files.filter(({ place }) => basename(place).toLowerCase() !== CONTENTS);
  const source = {
    files: dialogues,
    looksFor:
      "Kaggle's dialogueText*.csv, the tree dialogs/<n>/<id>.tsv or its ubuntu_dialogs.tgz, or logs of the channel such as 2004-12-25.txt",
    mends: false,
  };
  const list = (tally: Tally): void =>
    refused.forEach(({ place, reason }) => skip(tally, place, reason, 'unreadable file'));
  if (rules.duplicates === 'keep')
    return sourceOfFiles(source, list, (file, tally) => keptOf(file, dialogueKeeper(rules, tally), tally));
  return {
    ...source,
    async *read(tally) {
      list(tally);
      const keep = dialogueKeeper(rules, tally); // one for all files: what is met in one is a duplicate in the next
      for (const file of dialogues) yield* keptOf(file, keep, tally);
    },
  };
}

async function* keptOf(
  file: TreeFile,
  keep: ReturnType<typeof dialogueKeeper>,
  tally: Tally,
): AsyncGenerator<Conversation> {
  for await (const batch of batchesOf(file, tally)) {
    for (const dialogue of batch) {
      const kept = keep(dialogue);
      if (kept) yield kept;
    }
  }
}

type Form =
  | 'CSV file of the Ubuntu corpus'
  | 'TSV dialogue of the Ubuntu corpus'
  | 'archive of dialogues, .tgz'
  | 'archive of dialogues, .tar'
  | 'IRC log';

const FORMS: Record<string, Form> = {
  '.csv': 'CSV file of the Ubuntu corpus',
  '.tsv': 'TSV dialogue of the Ubuntu corpus',
  '.tgz': 'archive of dialogues, .tgz',
  '.tar.gz': 'archive of dialogues, .tgz',
  '.tar': 'archive of dialogues, .tar',
  '.txt': 'IRC log',
  '.log': 'IRC log',
};

/** Kaggle's list of its own files. */
const CONTENTS = 'toc.csv';

async function* batchesOf(file: TreeFile, tally: Tally): AsyncGenerator<Conversation[]> {
  const form = await formOf(file);
  notice(tally, form, file.place);
  switch (form) {
    case 'CSV file of the Ubuntu corpus':
      return yield* readUbuntuCsv(file, tally);
    case 'TSV dialogue of the Ubuntu corpus':
      return yield* inOnes(readUbuntuTsv(file, tally));
    case 'IRC log':
      return yield* inOnes(readIrcLog(file, tally));
    case 'archive of dialogues, .tgz':
      return yield* readArchive(file, 'gzip', tally);
    case 'archive of dialogues, .tar':
      return yield* readArchive(file, 'plain', tally);
  }
}

/**
 * Members come in the order of the archive; a broken one ends where it breaks. What counts as read of it is the archive
 * itself.
 */
async function* readArchive(file: TreeFile, packed: 'gzip' | 'plain', tally: Tally): AsyncGenerator<Conversation[]> {
  const before = { bytes: tally.bytesRead, files: tally.filesRead };
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of file.chunks()) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  try {
    for await (const member of tarFiles(file, counted(), packed)) {
      if (/\.tsv$/i.test(member.place)) yield* inOnes(readUbuntuTsv(member, tally));
      tally.bytesRead = before.bytes + bytes;
      tally.filesRead = before.files;
    }
  } catch (error) {
    skip(tally, file.place, (error as Error).message, 'unreadable file');
  }
  tally.filesRead = before.files + 1;
}

async function* inOnes(conversations: AsyncIterable<Conversation>): AsyncGenerator<Conversation[]> {
  for await (const conversation of conversations) yield [conversation];
}

/** In a folder the ending tells; the name of a single file is no part of what is read, so that there its first bytes do. */
async function formOf(file: TreeFile): Promise<Form> {
  const place = file.place.toLowerCase();
  if (place !== '') return Object.entries(FORMS).find(([ending]) => place.endsWith(ending))![1];
  return formOfStart(await startOf(file)) ?? 'IRC log';
}

/** Null if it looks like none of these. */
export function formOfStart(bytes: Buffer): Form | null {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'archive of dialogues, .tgz';
  const text = bytes.toString('latin1').replaceAll('\0', '');
  if (bytes.subarray(257, 262).toString('latin1') === 'ustar') return 'archive of dialogues, .tar';
  if (/dialogueID,|^\d+,\d+\.tsv,\d{4}-/m.test(text)) return 'CSV file of the Ubuntu corpus';
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z\t/m.test(text)) return 'TSV dialogue of the Ubuntu corpus';
  return /^\[\d\d:\d\d(:\d\d)?\] +[<*]/m.test(text) ? 'IRC log' : null;
}
