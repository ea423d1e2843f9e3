import type { Conversation, Message } from '../artifacts/conversations.ts';
import { filesBelow } from './files-below.ts';
import { readSourceLines } from './source-lines.ts';
import type { Source, SourceFile } from './source.ts';
import type { Tally } from './tally.ts';

/**
 * Plain UTF-8 text without speakers: a file, or a folder of *.txt. Two or more blank lines end a conversation, as does the file's end.
 * Each line is a message of nobody (`from: ''`, no time), which every template renders as the line itself: the text goes through
 * verbatim, single blank lines too. Lines end with LF or CR LF.
 */
export function textSource(path: string): Source {
  const files = filesBelow(path, '.txt');
  return {
    files,
    looksFor: 'lines of text in a file or a folder of .txt files',
    mends: false,
    async *read(tally) {
      for (const file of files) yield* readFile(file, tally);
    },
  };
}

/** A longer conversation is cut after the line that reaches this, so that a book without gaps does not fill the memory. */
export const LONGEST_CONVERSATION_CHARS = 4 * 2 ** 20;

async function* readFile(file: SourceFile, tally: Tally): AsyncGenerator<Conversation> {
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
