import type { Conversation, Message } from '../artifacts/conversations.ts';
import { LONGEST_CONVERSATION_CHARS } from './gather-messages.ts';
import { filesAt } from './source-bytes.ts';
import { readSourceLines } from './source-lines.ts';
import type { Source } from './source.ts';
import { skipAll, type Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';
import { sourceOfFiles } from './units.ts';

/**
 * Plain text without speakers: a file, or a folder or .zip of *.txt. Two or more blank lines end a conversation, as
 * does the end of the file. Each line is a message without a sender (`from: ''`) or time. Every template renders such a
 * message as the line itself, so the text stays verbatim, including single blank lines. Lines end with LF or CR LF.
 */
export async function textSource(path: string): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt']);
  const looksFor = 'lines of text in a file or a folder of .txt files';
  return sourceOfFiles({ files, looksFor, repairsMojibake: false }, (tally) => skipAll(refused, tally), readFile);
}

async function* readFile(file: TreeFile, tally: Tally): AsyncGenerator<Conversation> {
  let lines: string[] = [];
  let chars = 0;
  let blanks = 0;
  let number = 0;
  const finish = (): Conversation => {
    const id = file.place ? `${file.place}#${++number}` : `${++number}`;
    const messages = lines.map((text): Message => ({ from: '', time: null, text }));
    tally.read += messages.length;
    tally.kept += messages.length;
    lines = [];
    chars = 0;
    return { id, messages };
  };
  for await (const { text } of readSourceLines(file, tally)) {
    if (text.trim() === '') {
      blanks++;
    } else {
      if (lines.length > 0 && (blanks >= 2 || chars >= LONGEST_CONVERSATION_CHARS)) yield finish();
      else if (lines.length > 0 && blanks === 1) lines.push('');
      blanks = 0;
      lines.push(text);
      chars += text.length;
    }
  }
  if (lines.length > 0) yield finish();
}
