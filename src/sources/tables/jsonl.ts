import type { Conversation, Message } from '../../artifacts/conversations.ts';
import { rowMessage, type Columns } from './columns.ts';
import { columnOrder, columnTimes } from './column-times.ts';
import { foldNewlines, plainBreaks } from '../text/fold-newlines.ts';
import { parseJson } from '../text/json-digits.ts';
import { gatherByName } from './gather-by-name.ts';
import { filesAt } from '../source-bytes.ts';
import { readSourceLines } from '../source-lines.ts';
import type { SourceOptions } from '../source-options.ts';
import type { Source } from '../source.ts';
import { drop, newTally, skip, skipAll, type Tally } from '../tally.ts';
import type { TreeFile } from '../archive/tree-file.ts';
import { sourceOfFiles } from '../units.ts';

/**
 * A file, or a folder or .zip of *.jsonl. One conversation per line: `{"id"?: string, "turns": [text or {"from"?:
 * string, "time"?: ms, "text": string}]}`. Turns without `from` alternate between A and B by their index. Other keys
 * are ignored. The default id is the file and line. With `columns`, each line is one message instead: an object with
 * these keys (`a.b`: the key b of the object under a).
 */
export async function jsonlSource(path: string, options: SourceOptions): Promise<Source> {
  const { columns } = options;
  const { files, refused } = await filesAt(path, ['.jsonl', '.ndjson']);
  const looksFor = columns
    ? `lines such as {"${columns.text}": "…"} in a .jsonl file or a folder of them`
    : 'lines of the form {"turns": [...]} in a .jsonl file or a folder of them';
  return sourceOfFiles(
    { files, looksFor, repairsMojibake: false },
    (tally) => skipAll(refused, tally),
    (file, tally) => (columns ? readMessages(file, { columns, options }, tally) : readConversations(file, tally)),
  );
}

const SPEAKERS = ['A', 'B'];

async function* readMessages(
  file: TreeFile,
  { columns, options: { timeZone, dateOrder } }: { columns: Columns; options: SourceOptions },
  tally: Tally,
): AsyncGenerator<Conversation> {
  const gathering = gatherByName(tally);
  const times =
    columns.time === undefined
      ? null
      : columnTimes({ column: columns.time, timeZone, dateOrder, tally, file: file.place });
  for await (const { text: line, place } of readSourceLines(file, tally)) {
    if (line.trim() === '') continue;
    const row = parseObject(line);
    if (typeof row === 'string') {
      skip(tally, place, row, 'unreadable line');
      continue;
    }
    const field = (name: string | undefined): unknown => (name === undefined ? undefined : valueAt(row, name));
    const time = field(columns.time);
    let ms = times === null ? NaN : times.read(time);
    if (ms === 'undecided') {
      times!.decide(await columnOrder(valuesAt(file, columns.time!)));
      ms = times!.read(time) as number;
    }
    const message = rowMessage(
      { text: field(columns.text), from: field(columns.from), time, ms },
      times,
      tally,
      () => place,
    );
    const name = field(columns.conversation);
    if (message)
      yield* gathering.add(
        typeof name === 'string' || typeof name === 'number' ? String(name) : file.place || '1',
        message,
        () => place,
      );
  }
  yield* gathering.end();
}

/** The value of one key in every line. */
async function* valuesAt(file: TreeFile, name: string): AsyncGenerator {
  for await (const { text } of readSourceLines(file, newTally())) {
    const row = parseObject(text);
    if (typeof row !== 'string') yield valueAt(row, name);
  }
}

function valueAt(row: Record<string, unknown>, name: string): unknown {
  if (Object.hasOwn(row, name)) return row[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, key) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, key)
          ? (value as Record<string, unknown>)[key]
          : undefined,
      row,
    );
}

async function* readConversations(file: TreeFile, tally: Tally): AsyncGenerator<Conversation> {
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

/** Returns the conversation, or why the line is not one; never quotes the line. */
function parseLine(text: string): { id?: string; turns: (string | Turn)[] } | string {
  const value = parseObject(text);
  if (typeof value === 'string') return value;
  const { id, turns } = value;
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') return '"id" is not a string';
  if (!Array.isArray(turns)) return 'no list "turns"';
  const wrong = turns.findIndex((turn) => !isTurn(turn));
  if (wrong !== -1) return `turn ${wrong + 1} is neither a text nor {from?: string, time?: milliseconds, text: string}`;
  if (turns.length === 0) return '"turns" is empty';
  return { ...(id === undefined ? {} : { id: String(id) }), turns: turns as (string | Turn)[] };
}

function parseObject(line: string): Record<string, unknown> | string {
  const value = parseJson(line);
  if (value === undefined) return 'not JSON';
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : 'not an object';
}

function isTurn(turn: unknown): turn is string | Turn {
  if (typeof turn === 'string') return true;
  const { from, time, text } = (turn ?? {}) as { from?: unknown; time?: unknown; text?: unknown };
  const timeFits = time === undefined || time === null || (typeof time === 'number' && Number.isFinite(time));
  return typeof text === 'string' && (from === undefined || typeof from === 'string') && timeFits;
}

function keepTurn(turn: string | Turn, index: number, tally: Tally): Message[] {
  const { from = SPEAKERS[index % 2]!, time = null, text } = typeof turn === 'string' ? { text: turn } : turn;
  const plain = plainBreaks(text);
  tally.read++;
  if (plain.trim() === '') {
    drop(tally, 'empty');
    return [];
  }
  const name = foldNewlines(from);
  tally.kept++;
  return [{ from: name, time, text: plain }];
}
