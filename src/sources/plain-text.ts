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
  const gathering = gatherLines(file, documentEnd === undefined, tally);
  const piecesOf = documentEnd === undefined ? null : documentPieces(documentEnd);
  for await (const { text: line, place } of readSourceLines(file, tally)) {
    if (piecesOf === null && line.includes(END_OF_TEXT)) warn(tally, MARKS_ARE_TEXT, place);
    if (piecesOf === null && !line.includes('\r')) {
      const full = gathering.add(line);
      if (full) yield full;
      continue;
    }
    for (const piece of piecesOf?.(line) ?? line.replace(/\r+$/, '').split('\r')) {
      const full = piece === DOCUMENT_END ? gathering.end() : gathering.add(piece);
      if (full) yield full;
    }
  }
  const rest = gathering.end();
  if (rest) yield rest;
}

/** Collects the lines of one conversation until it ends or grows too long. */
function gatherLines(file: TreeFile, blanksEnd: boolean, tally: Tally) {
  let lines: string[] = [];
  let chars = 0;
  let blanks = 0;
  let number = 0;
  const end = (): Conversation | null => {
    blanks = 0;
    if (lines.length === 0) return null;
    const id = file.place ? `${file.place}#${++number}` : `${++number}`;
    const messages = lines.map((text): Message => ({ from: '', time: null, text }));
    tally.read += messages.length;
    tally.kept += messages.length;
    lines = [];
    chars = 0;
    return { id, messages };
  };
  return {
    end,
    add(text: string): Conversation | null {
      if (text.trim() === '') {
        blanks++;
        return null;
      }
      const isOver = (blanksEnd && blanks >= 2) || chars >= LONGEST_CONVERSATION_CHARS;
      const full = isOver ? end() : null;
      if (lines.length > 0) for (; blanks > 0; blanks--) lines.push('');
      blanks = 0;
      lines.push(text);
      chars += text.length;
      return full;
    },
  };
}

/** Stands between the pieces of a line where a document ends. */
const DOCUMENT_END = Symbol('document end');

/** Cuts lines at the marks that end documents. */
function documentPieces(documentEnd: string): (line: string) => (string | typeof DOCUMENT_END)[] {
  let isStart = true;
  return (line) => {
    const parts = line.split(documentEnd);
    return parts.flatMap((part, index) => {
      const ends = index > 0 ? ([DOCUMENT_END] as const) : [];
      isStart ||= index > 0;
      if (part === '' && parts.length > 1) return ends; // nothing beside a mark is not a blank line
      const text = isStart && documentEnd === END_OF_TEXT ? part.replace(START_OF_TEXT, '') : part;
      isStart &&= text.trim() === '';
      return [...ends, ...text.split('\r')];
    });
  };
}

const END_OF_TEXT = '<|endoftext|>';
/** gpt-2-simple puts it in front of each document. */
const START_OF_TEXT = /^\s*<\|startoftext\|>/;
const MARKS_ARE_TEXT = `line with ${END_OF_TEXT}, which was read as text: with \`documentEnd: "${END_OF_TEXT}"\` it ends a document`;
