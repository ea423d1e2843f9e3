import type { Conversation, Message } from '../artifacts/conversations.ts';
import { filesBelow } from './files-below.ts';
import { foldNewlines } from './fold-newlines.ts';
import { readSourceLines } from './source-lines.ts';
import type { Source, SourceFile } from './source.ts';
import { drop, skip, type Tally } from './tally.ts';

/**
 * One conversation a line: `{"id"?: string, "turns": [text or {"from"?: string, "time"?: ms, "text": string}]}`; a file, or a folder of *.jsonl.
 * A turn without `from` is said by A or B in turn, by its place. Other keys are passed over. An id that is absent is made of the place.
 */
export function jsonlSource(path: string): Source {
  const files = filesBelow(path, '.jsonl');
  return {
    files,
    looksFor: 'lines of the form {"turns": [...]} in a .jsonl file or a folder of them',
    mends: false,
    async *read(tally) {
      for (const file of files) yield* readFile(file, tally);
    },
  };
}

const SPEAKERS = ['A', 'B'];

async function* readFile(file: SourceFile, tally: Tally): AsyncGenerator<Conversation> {
  for await (const { text, place } of readSourceLines(file, tally)) {
    if (text.trim() === '') continue;
    const parsed = parseLine(text);
    if (typeof parsed === 'string') {
      skip(tally, place, parsed, 'unreadable line');
      continue;
    }
    const messages = parsed.turns.flatMap((turn, i) => keepTurn(turn, i, tally));
    if (messages.length > 0) yield { id: parsed.id ?? place, messages };
  }
}

interface Turn {
  from?: string;
  time?: number | null;
  text: string;
}

/** Returns what is wrong if it is no conversation; never quotes it. */
function parseLine(text: string): { id?: string; turns: (string | Turn)[] } | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not an object';
  const { id, turns } = value as { id?: unknown; turns?: unknown };
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') return '"id" is not a string';
  if (!Array.isArray(turns)) return 'no list "turns"';
  const wrong = turns.findIndex((turn) => !isTurn(turn));
  if (wrong !== -1) return `turn ${wrong + 1} is neither a text nor {from?: string, time?: milliseconds, text: string}`;
  if (turns.length === 0) return '"turns" is empty';
  return { ...(id === undefined ? {} : { id: String(id) }), turns: turns as (string | Turn)[] };
}

function isTurn(turn: unknown): turn is string | Turn {
  if (typeof turn === 'string') return true;
  const { from, time, text } = (turn ?? {}) as { from?: unknown; time?: unknown; text?: unknown };
  const timeFits = time === undefined || time === null || (typeof time === 'number' && Number.isFinite(time));
  return typeof text === 'string' && (from === undefined || typeof from === 'string') && timeFits;
}

function keepTurn(turn: string | Turn, place: number, tally: Tally): Message[] {
  const { from = SPEAKERS[place % 2]!, time = null, text } = typeof turn === 'string' ? { text: turn } : turn;
  const folded = foldNewlines(text);
  tally.read++;
  if (folded.trim() === '') {
    drop(tally, 'empty');
    return [];
  }
  if (folded !== text) tally.newlinesFolded++;
  const name = foldNewlines(from);
  tally.kept++;
  if (name !== '') tally.people.add(name);
  return [{ from: name, time, text: folded }];
}
