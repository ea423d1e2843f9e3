/**
 * ingest: other people's formats in, conversations out.
 *
 * Reads a source in one of the formats of src/sources, one conversation at a time, and writes conversations.jsonl and report.json.
 * Every record met is kept or dropped for a reason that is counted; a file or line that cannot be read is named and the rest goes on.
 */
import { statSync } from 'node:fs';
import { Type, type Static } from '@sinclair/typebox';
import { openConversationsWriter, type ConversationsReport } from '../src/artifacts/conversations.ts';
import { FORMATS, findSource, likelyFormat, type SourceFormat } from '../src/sources/formats.ts';
import type { Source } from '../src/sources/source.ts';
import { splitOnSilence } from '../src/sources/split-on-silence.ts';
import { checkTally, newTally, type Tally } from '../src/sources/tally.ts';
import { StageInputError, StageStopped, defineStage, type StageContext } from './define-stage.ts';

// --- params ------------------------------------------------------------------------------------------------

const params = Type.Object(
  {
    source: Type.String({ minLength: 1, description: 'file or folder to read: a Messenger export, .jsonl, or plain text' }),
    format: Type.Union(FORMATS.map((format) => Type.Literal(format)), { description: 'messenger: JSON export folder; jsonl: {"turns": [...]} a line; text: plain lines' }),
    splitAfterHours: Type.Number({ minimum: 0, maximum: 87600, default: 0, description: 'a silence this long ends a conversation; 0: a thread is one conversation, however many years it lasted' }),
  },
  { additionalProperties: false },
);
const runtime = Type.Object({}, { additionalProperties: false });

// --- contract ----------------------------------------------------------------------------------------------

export const ingest = defineStage({
  kind: 'ingest',
  version: 1,
  summary: 'reads chats (Messenger export, JSON lines, plain text) into conversations',
  params,
  runtime,
  sources: ['source'],
  sourceHelp: ({ format }) => SOURCE_HELP[format],
  inputs: {},
  output: 'conversations',
  computes: false,
  run,
});

// --- run ---------------------------------------------------------------------------------------------------

type Context = StageContext<Static<typeof params>, object>;

async function run(context: Context): Promise<void> {
  const { outDir, emit, signal } = context;
  const source = openSource(context);
  const tally = newTally();
  const progress = progressOf(source, tally, emit);
  const writer = openConversationsWriter(outDir);
  let conversations = 0;
  try {
    for await (const conversation of splitOnSilence(source.read(tally), context.params.splitAfterHours)) {
      if (signal.aborted) throw new StageStopped();
      writer.append(conversation);
      conversations++;
      progress();
    }
    checkTally(tally);
    warnOfSkipped(tally, context);
    if (conversations === 0) throw nothingKept(source, tally, context);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  const report = reportOf(source, tally, conversations);
  writer.close(report);
  progress('last');
  emit({ kind: 'note', text: totals(report) });
}

/** Finds the files to read; throws if the source is missing or closed. */
function openSource({ params, sources }: Context): Source {
  const path = sources['source']!;
  try {
    statSync(path);
    return findSource(params.format, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'ENOENT') throw new StageInputError(`cannot read the source ${params.source} (${code}: ${path})`, 'check that you may read it and everything in it');
    throw new StageInputError(`there is no source ${params.source} (looked at ${path})`, 'set `source` to the file or folder with your chats');
  }
}

/** An empty export must not become an empty data set in silence. */
function nothingKept(source: Source, tally: Tally, { params, sources }: Pick<Context, 'params' | 'sources'>): StageInputError {
  const path = sources['source']!;
  const [first] = tally.skipped.first;
  const met =
    source.files.length === 0 && tally.read === 0
      ? 'nothing there has this form'
      : `${count(source.files.length, 'file')} read, ${count(tally.read, 'record')} met, none kept${dropReasons(tally.dropped)}${first ? `; ${placeIn(params.source, first.place)}: ${first.reason}` : ''}`;
  const likely = likelyFormat(path);
  const hint = path.toLowerCase().endsWith('.zip')
    ? 'unpack the .zip and give the folder'
    : likely !== null && likely !== params.format
      ? `it looks like \`format: ${likely}\``
      : `\`format: ${params.format}\` looks for ${source.looksFor}`;
  return new StageInputError(`no conversations in ${params.source}: ${met}`, hint);
}

function warnOfSkipped({ skipped }: Tally, { params, emit }: Context): void {
  const named = skipped.first.slice(0, WARNINGS);
  for (const { place, reason } of named) emit({ kind: 'warning', text: `skipped ${placeIn(params.source, place)}: ${reason}` });
  const more = skipped.count - named.length;
  if (more > 0) emit({ kind: 'warning', text: `skipped ${count(more, 'more file or line', 'more files or lines')}: see report.json` });
}

/** `12` is a line of the source itself, `a/b.jsonl:12` one of a file in it. */
function placeIn(source: string, place: string): string {
  if (place === '') return source;
  return /^\d+$/.test(place) ? `${source}:${place}` : `${source.replace(/\/+$/, '')}/${place}`;
}

/** A pure function of the source's content: no paths, no times. */
function reportOf(source: Source, tally: Tally, conversations: number): ConversationsReport {
  return {
    conversations,
    messages: tally.kept,
    people: tally.people.size,
    dropped: Object.fromEntries(Object.entries(tally.dropped).sort(([a], [b]) => (a < b ? -1 : 1))),
    read: tally.read,
    newlinesFolded: tally.newlinesFolded,
    ...(source.mends ? { mojibake: tally.mojibake } : {}),
    skipped: tally.skipped,
  };
}

function totals({ conversations, messages, people, dropped, mojibake }: ConversationsReport): string {
  const mended = mojibake?.repaired ? `; ${count(mojibake.repaired, 'string')} mended` : '';
  return `${count(conversations, 'conversation')}, ${count(messages, 'message')}, ${count(people, 'person', 'people')}${mended}${dropReasons(dropped)}`;
}

function dropReasons(dropped: Record<string, number>): string {
  const reasons = Object.entries(dropped);
  if (reasons.length === 0) return '';
  const sum = reasons.reduce((total, [, records]) => total + records, 0);
  return `; dropped ${sum.toLocaleString('en')} (${reasons.map(([reason, records]) => `${records.toLocaleString('en')} ${reason}`).join(', ')})`;
}

function progressOf(source: Source, tally: Tally, emit: Context['emit']): (last?: 'last') => void {
  const total = source.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let next = Date.now() + PROGRESS_MS;
  return (last) => {
    if (!last && Date.now() < next) return;
    next = Date.now() + PROGRESS_MS;
    const note = `${count(tally.kept, 'message')} from ${count(tally.filesRead, 'file')} of ${source.files.length.toLocaleString('en')}`;
    emit({ kind: 'progress', done: megabytes(tally.bytesRead), total: megabytes(total), unit: 'MB', note });
  };
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e4) / 100;
}

const SOURCE_HELP: Record<SourceFormat, string> = {
  messenger: 'Facebook → Settings → Download your information: «Messages» only, format JSON; unpack all parts of it into this folder',
  jsonl: 'a .jsonl file, or a folder of them, with one conversation a line: {"turns": ["text", {"from": "Ana", "text": "…"}]}',
  text: 'a .txt file, or a folder of them; two blank lines end a conversation',
};
const WARNINGS = 10;
const PROGRESS_MS = 500;
