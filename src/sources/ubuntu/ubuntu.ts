import { basename } from 'node:path';
import type { Conversation } from '../../artifacts/conversations.ts';
import { dialogueKeeper, type DialogueRules } from './dialogue-rules.ts';
import { readIrcLog } from './irc-log.ts';
import type { Source, Unit } from '../source.ts';
import { filesAt, fileStart } from '../source-bytes.ts';
import { notice, skip, type Tally } from '../tally.ts';
import { tarFiles } from '../archive/tar-files.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { readUbuntuCsv } from './csv.ts';
import { readUbuntuTsv } from './tsv.ts';
import { sourceOfFiles, sourceOfUnits } from '../units.ts';

/**
 * The Ubuntu Dialogue Corpus in any of its forms, recognized by the file endings: Kaggle's .csv, the .tsv tree, a .tgz
 * of that tree, and the channel's raw logs (.txt, .log). A file, a folder or a .zip; a folder may mix forms, and all of
 * them are read.
 */
export async function ubuntuSource(path: string, rules: DialogueRules): Promise<Source> {
  const { files, refused } = await filesAt(path, Object.keys(FORMS));
  const dialogues = files.filter(({ place }) => basename(place).toLowerCase() !== CONTENTS);
  const source = {
    files: dialogues,
    looksFor:
      "Kaggle's dialogueText*.csv, the tree dialogs/<n>/<id>.tsv or its ubuntu_dialogs.tgz, or logs of the channel such as 2004-12-25.txt",
    repairsMojibake: false,
  };
  const list = (tally: Tally): void =>
    refused.forEach(({ place, reason }) => skip(tally, place, reason, 'unreadable file'));
  if (rules.duplicates === 'keep') {
    const kept = sourceOfFiles(source, list, (file, tally) => keptDialogues(file, dialogueKeeper(rules, tally), tally));
    const units = async (tally: Tally): Promise<Unit[]> =>
      (await kept.units!(tally)).map((unit) => ({ ...unit, exports: ['corpus'] })); // so that copies stay
    return { ...kept, units };
  }
  return sourceOfUnits({
    ...source,
    async units(tally) {
      list(tally);
      return [{ files: dialogues, read: (files, unitTally) => distinctDialogues(files, rules, unitTally) }];
    },
  });
}

async function* distinctDialogues(files: TreeFile[], rules: DialogueRules, tally: Tally): AsyncGenerator<Conversation> {
  const keep = dialogueKeeper(rules, tally); // shared by all files, to find duplicates across them
  for (const file of files) yield* keptDialogues(file, keep, tally);
}

async function* keptDialogues(
  file: TreeFile,
  keep: ReturnType<typeof dialogueKeeper>,
  tally: Tally,
): AsyncGenerator<Conversation> {
  for await (const batch of dialogueBatches(file, tally)) {
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

/** Kaggle's list of files, which has no dialogues. */
const CONTENTS = 'toc.csv';

async function* dialogueBatches(file: TreeFile, tally: Tally): AsyncGenerator<Conversation[]> {
  const form = await ubuntuForm(file);
  notice(tally, form, file.place);
  switch (form) {
    case 'CSV file of the Ubuntu corpus':
      return yield* readUbuntuCsv(file, tally);
    case 'TSV dialogue of the Ubuntu corpus':
      return yield* singleBatches(readUbuntuTsv(file, tally));
    case 'IRC log':
      return yield* singleBatches(readIrcLog(file, tally));
    case 'archive of dialogues, .tgz':
      return yield* readArchive(file, 'gzip', tally);
    case 'archive of dialogues, .tar':
      return yield* readArchive(file, 'plain', tally);
  }
}

/**
 * Reads the members in the order of the archive; a damaged archive ends at the damage. Bytes and files read are those
 * of the archive, not of its members.
 */
async function* readArchive(file: TreeFile, packed: 'gzip' | 'plain', tally: Tally): AsyncGenerator<Conversation[]> {
  const before = { bytes: tally.bytesRead, files: tally.filesRead };
  let bytes = 0;
  async function* countedChunks(): AsyncGenerator<Buffer> {
    for await (const chunk of file.chunks()) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  try {
    for await (const member of tarFiles(file, countedChunks(), packed)) {
      if (/\.tsv$/i.test(member.place)) yield* singleBatches(readUbuntuTsv(member, tally));
      tally.bytesRead = before.bytes + bytes;
      tally.filesRead = before.files;
    }
  } catch (error) {
    skip(tally, file.place, (error as Error).message, 'unreadable file');
  }
  tally.filesRead = before.files + 1;
}

async function* singleBatches(conversations: AsyncIterable<Conversation>): AsyncGenerator<Conversation[]> {
  for await (const conversation of conversations) yield [conversation];
}

/** In a folder the ending decides. For a single file the content does, because its name must not affect the result. */
async function ubuntuForm(file: TreeFile): Promise<Form> {
  const place = file.place.toLowerCase();
  if (place !== '') return Object.entries(FORMS).find(([ending]) => place.endsWith(ending))![1];
  return detectUbuntuForm(await fileStart(file)) ?? 'IRC log';
}

/** Null if the bytes look like none of the forms. */
export function detectUbuntuForm(bytes: Buffer): Form | null {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'archive of dialogues, .tgz';
  const text = bytes.toString('latin1').replaceAll('\0', '');
  if (bytes.subarray(257, 262).toString('latin1') === 'ustar') return 'archive of dialogues, .tar';
  if (/dialogueID,|^\d+,\d+\.tsv,\d{4}-/m.test(text)) return 'CSV file of the Ubuntu corpus';
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z\t/m.test(text)) return 'TSV dialogue of the Ubuntu corpus';
  return /^\[\d\d:\d\d(:\d\d)?\] +[<*]/m.test(text) ? 'IRC log' : null;
}
