import type { TokenSplit } from '../artifacts/tokens/tokens.ts';
import { classOfLabel, MOST_SPEAKERS, speakerOfLabel } from '../tokenizer/token-labels.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { LineReader, ParsedLine } from './line-reader.ts';

export interface RealLine extends ParsedLine {
  /** number in the tokens' list of speakers; 0: nobody */
  speaker: number;
}

/** A held-out conversation. */
export interface Conversation {
  /** number in the split, from 0 */
  document: number;
  /** what is before the first line, with its line end; or '' */
  header: string;
  /** null: a line that does not read back as what its labels say */
  lines: (RealLine | null)[];
  /** names of those who speak in it, in the order of their numbers; [''] if lines have no names */
  people: string[];
}

export interface Reading {
  tokenizer: Tokenizer;
  /** ids of the tokens that end a line */
  lineEnds: ReadonlySet<number>;
  reader: LineReader;
  /** names, by number from 1 on */
  speakers: readonly string[];
}

/** Reads a conversation back from its tokens; the labels check the parser. */
export function readConversation(split: TokenSplit, document: number, reading: Reading): Conversation {
  const start = split.starts[document]!;
  const end = document + 1 < split.documents ? split.starts[document + 1]! : split.tokens;
  const ids = split.read(start, end - start);
  const labels = split.labels(start, end - start);
  const lines: Conversation['lines'] = [];
  let header = '';
  let first = 0;
  for (let i = 0; i < ids.length && classOfLabel(labels[i]!) !== 'separator'; i++) {
    if (!reading.lineEnds.has(ids[i]!)) continue;
    const text = reading.tokenizer.decode(ids.subarray(first, i + 1));
    const isHeader = first === 0 && classOfLabel(labels[i]!) === 'stamp';
    if (isHeader) header = text;
    else lines.push(...linesOf(text, speakerOfLabel(labels[i]!), reading));
    first = i + 1;
  }
  const numbered = lines.filter((line) => line !== null).sort((x, y) => x.speaker - y.speaker);
  return { document, header, lines, people: [...new Set(numbered.map(({ who }) => who))] };
}

// ---------------------------------------------------------------------------

function linesOf(text: string, speaker: number, { reader, speakers }: Reading): (RealLine | null)[] {
  const lines = text.slice(0, -1).split('\n');
  const parsed = lines.length === 1 ? reader.parse(lines[0]!) : null;
  if (!parsed) return lines.map(() => null);
  if (!reader.hasNames) return [{ ...parsed, speaker }];
  const number = speaker === MOST_SPEAKERS ? speakers.indexOf(parsed.who) + 1 : speaker;
  return [parsed.who === (speakers[number - 1] ?? '') ? { ...parsed, speaker: number } : null];
}
