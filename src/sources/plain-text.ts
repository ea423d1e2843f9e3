import type { Conversation, Message } from '../artifacts/conversations.ts';
import { LONGEST_CONVERSATION_CHARS } from './gather-messages.ts';
import { filesAt } from './source-bytes.ts';
import { readSourceLines } from './source-lines.ts';
import type { Source } from './source.ts';
import type { SourceOptions } from './source-options.ts';
import { skipAll, warn, type Tally } from './tally.ts';
import type { TreeFile } from './archive/tree-file.ts';
import { sourceOfFiles } from './units.ts';

/**
 * Plain text without speakers: a file, or a folder or .zip of *.txt. Two or more blank lines end a conversation, as
 * does the end of the file; with `documentEnd`, only that mark does. Each line is a message without a sender (`from:
 * ''`) or time. Every template renders such a message as the line itself, so the text stays verbatim, including single
 * blank lines. Lines end with LF, CR LF or CR.
 */
export async function textSource(path: string, { documentEnd }: Pick<SourceOptions, 'documentEnd'>): Promise<Source> {
  const { files, refused } = await filesAt(path, ['.txt']);
  const looksFor = 'lines of text in a file or a folder of .txt files';
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => readFile(file, documentEnd, tally),
  );
}

async function* readFile(file: TreeFile, documentEnd: string | undefined, tally: Tally): AsyncGenerator<Conversation> {
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
  for await (const { text, ends } of documentLines(file, documentEnd, tally)) {
    if (ends) {
      if (lines.length > 0) yield finish();
      blanks = 0;
    } else if (text.trim() === '') {
      blanks++;
    } else {
      const isOver = documentEnd === undefined && blanks >= 2;
      if (lines.length > 0 && (isOver || chars >= LONGEST_CONVERSATION_CHARS)) yield finish();
      else if (lines.length > 0) for (; blanks > 0; blanks--) lines.push('');
      blanks = 0;
      lines.push(text);
      chars += text.length;
    }
  }
  if (lines.length > 0) yield finish();
}

interface DocumentLine {
  text: string;
  /** a mark that ends a document stands here, not a line */
  ends: boolean;
}

/** The lines of a file, and where its documents end. */
async function* documentLines(
  file: TreeFile,
  documentEnd: string | undefined,
  tally: Tally,
): AsyncGenerator<DocumentLine> {
  let isStart = true;
  for await (const { text: line, place } of readSourceLines(file, tally)) {
    if (documentEnd === undefined) {
      if (line.includes(END_OF_TEXT)) warn(tally, MARKS_ARE_TEXT, place);
      for (const text of line.includes('\r') ? line.replace(/\r+$/, '').split('\r') : [line])
        yield { text, ends: false };
      continue;
    }
    const parts = line.split(documentEnd);
    for (const [index, part] of parts.entries()) {
      if (index > 0) {
        yield { text: '', ends: true };
        isStart = true;
      }
      if (part === '' && parts.length > 1) continue; // nothing beside a mark is not a blank line
      const text: string = isStart && documentEnd === END_OF_TEXT ? part.replace(START_OF_TEXT, '') : part;
      for (const piece of text.split('\r')) yield { text: piece, ends: false };
      isStart &&= text.trim() === '';
    }
  }
}

const END_OF_TEXT = '<|endoftext|>';
/** gpt-2-simple puts it in front of each document. */
const START_OF_TEXT = /^\s*<\|startoftext\|>/;
const MARKS_ARE_TEXT = `line with ${END_OF_TEXT}, which was read as text: with \`documentEnd: "${END_OF_TEXT}"\` it ends a document`;
