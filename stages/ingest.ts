/**
 * ingest: converts chat exports, logs and tables to conversations.
 *
 * Reads a source in one of the formats of src/sources, one conversation at a time, and writes conversations.jsonl and
 * report.json. Every record is either kept, or dropped and counted under a reason. Files and lines that cannot be read
 * are reported and skipped.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import {
  conversationLine,
  openConversationsWriter,
  type Conversation,
  type ConversationsReport,
} from '../src/artifacts/conversations.ts';
import { replaceFile } from '../src/files/replace-file.ts';
import { namelessPath } from '../src/files/nameless-path.ts';
import { openParts } from '../src/artifacts/parts/parts.ts';
import { FORMATS, type SourceFormat } from '../src/sources/format-names.ts';
import { findSource, likelyFormat } from '../src/sources/formats.ts';
import { mixedFormats, whatIsThere, type FormatCount } from '../src/sources/mixed-formats.ts';
import type { Source } from '../src/sources/source.ts';
import { checkTally, type Tally } from '../src/sources/tally.ts';
import { StageInputError, StageStopped } from '../src/pipeline/stage-kind.ts';
import { newAccount, type Account } from './ingest/account.ts';
import { VERSION, type Context } from './ingest/params.ts';
import { readUnits, isCachingWorthwhile, type UnitReader } from './ingest/read-units.ts';
import { reportPage } from './ingest/report-page.ts';
import { likelyOwner, shapeConversations } from './ingest/shape-conversations.ts';
import { hidesAnything } from './ingest/shape-params.ts';
import { addToStatistics, peopleInOrder } from './ingest/statistics.ts';
import { megabytes } from './read-progress.ts';
import { counted, withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { outDir, emit, signal } = context;
  const opened = await openSource(context);
  const { source } = opened;
  const account = newAccount(Date.now() + DAY_MS);
  const { tally, counts, statistics } = account;
  const progress = progressOf(source, tally, emit);
  const writer = openConversationsWriter(outDir);
  try {
    for await (const lines of linesOf(opened, account, context)) {
      if (signal.aborted) throw new StageStopped();
      writer.appendLines(lines);
      progress();
    }
    checkTally(tally);
    noteRemarks(tally, context);
    warnOfSkipped(tally, context);
    if (account.conversations === 0) throw await noConversationsError(opened, tally, context);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  const report = reportOf(source, account);
  const owner = context.params.names.owner ?? (context.params.names.replace === 'no' ? likelyOwner(counts) : null);
  replaceFile(
    join(outDir, 'people.json'),
    `${JSON.stringify({ owner, people: peopleInOrder(statistics.people).map(([name, messages]) => ({ name, messages })) }, null, 1)}\n`,
  );
  // Repaired strings are recorded before the filters run. Show none if the filters may have removed their authors.
  replaceFile(
    join(outDir, 'report.html'),
    reportPage({
      report,
      statistics,
      owner,
      repairs: hidesAnything(context.params) ? { repaired: [], failed: [] } : tally.mended,
    }),
  );
  writer.close(report);
  progress('last');
  emit({ kind: 'note', text: totals(report) });
}

/** The lines of conversations.jsonl. Those of unchanged files come from the cache. */
async function* linesOf(
  { source, format }: Opened,
  account: Account,
  { params, partsDir, emit }: Context,
): AsyncGenerator<string | Uint8Array> {
  const parts =
    source.units && !hidesAnything(params) && isCachingWorthwhile(source.files) ? openParts(partsDir) : null;
  if (!parts || !source.units) {
    yield* shapedLines(source.read(account.tally), params, account);
    return;
  }
  const { source: _, ...choices } = params;
  let cached = 0;
  const reader: UnitReader = {
    parts,
    about: ['ingest', VERSION, { ...choices, format }],
    linesOf: (unit, files, unitAccount) => shapedLines(unit.read(files, unitAccount.tally), params, unitAccount),
  };
  try {
    yield* readUnits(await source.units(account.tally), account, reader, (files) => (cached += files));
  } finally {
    parts.close();
  }
  if (cached > 0)
    emit({
      kind: 'note',
      text: `${withCommas(cached)} of ${counted(source.files.length, 'file')} unchanged: used their cached conversations`,
    });
}

async function* shapedLines(
  threads: AsyncIterable<Conversation>,
  params: Context['params'],
  account: Account,
): AsyncGenerator<string> {
  for await (const conversation of shapeConversations(threads, params, account)) {
    addToStatistics(account.statistics, conversation);
    account.conversations++;
    yield conversationLine(conversation);
  }
}

interface Opened {
  source: Source;
  format: SourceFormat;
}

/** Finds the files to read. Throws a StageInputError if the source is missing or may not be read. */
async function openSource(context: Context): Promise<Opened> {
  const { params, sources } = context;
  const path = sources['source']!;
  try {
    statSync(path);
    const format = await formatOf(context);
    return { source: await findSource(format, path, params), format };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'ENOENT')
      throw new StageInputError(
        `cannot read the source ${params.source} (${code}: ${path})`,
        'check that you have permission to read it and everything in it',
      );
    throw new StageInputError(
      `source ${params.source} does not exist (${path})`,
      'set `source` to the file or folder with your chats',
    );
  }
}

async function formatOf(context: Context): Promise<SourceFormat> {
  const { params, sources, emit } = context;
  if (params.format !== 'auto') return params.format;
  const likely = await likelyFormat(sources['source']!);
  if (likely === null) throw await unrecognizedError(context);
  const mixed = await mixedFormats(sources['source']!, likely);
  if (mixed.length > 0) throw mixedError(params.source, mixed);
  if (likely === 'csv' && params.columns === undefined)
    throw new StageInputError(
      `${params.source} looks like a table`,
      'set `format: csv` and name its columns, for example `columns: { from: name, time: date, text: message }`',
    );
  emit({ kind: 'note', text: `${params.source} looks like \`format: ${likely}\`` });
  return likely;
}

async function unrecognizedError({ params, sources }: Context): Promise<StageInputError> {
  const found = await whatIsThere(sources['source']!);
  return found === null
    ? new StageInputError(
        `cannot detect the format of ${params.source}`,
        `set \`format\` to one of ${FORMATS.join(', ')}`,
      )
    : new StageInputError(`cannot detect the format of ${params.source}: it looks like ${found.saw}`, found.help);
}

/** Reading only the files of one format would lose the others without anybody noticing. */
function mixedError(source: string, mixed: FormatCount[]): StageInputError {
  const each = mixed.map(
    ({ format, files, endings }) =>
      `${counted(files, 'file')} of ${format === null ? 'no known format' : `format ${format}`} (${endings.join(', ')})`,
  );
  return new StageInputError(
    `${source} holds more than one format: ${each.join('; ')}`,
    'give each format a folder and an `ingest` stage of its own, or set `format` to read only the files of one',
  );
}

/** An empty export is an error: it must not silently become an empty data set. */
async function noConversationsError(
  { source, format }: Opened,
  tally: Tally,
  { params, sources }: Pick<Context, 'params' | 'sources'>,
): Promise<StageInputError> {
  const path = sources['source']!;
  const [first] = tally.skipped.first;
  const finding =
    source.files.length === 0 && tally.read === 0
      ? 'nothing in it has this format'
      : `${counted(source.files.length, 'file')} read, ${counted(tally.read, 'record')} found, none kept${dropReasons(tally.dropped)}${first ? `; ${placeIn(params.source, first.place)}: ${first.reason}` : ''}`;
  const likely = await likelyFormat(path);
  const unknown = likely === null ? await whatIsThere(path) : null;
  const hint =
    unknown !== null
      ? `it looks like ${unknown.saw}; ${unknown.help}`
      : likely !== null && likely !== format
        ? `it looks like \`format: ${likely}\``
        : `\`format: ${format}\` looks for ${source.looksFor}`;
  return new StageInputError(`no conversations in ${params.source}: ${finding}`, hint);
}

function noteRemarks({ noticed }: Tally, { params, emit }: Context): void {
  for (const [remark, { count, first, warning, example }] of noticed)
    emit({
      kind: warning ? 'warning' : 'note',
      text: `${placeIn(params.source, first)}: ${remark}${example === undefined ? '' : `, such as "${example}"`}${count === 1 ? '' : ` (and ${withCommas(count - 1)} more)`}`,
    });
}

function warnOfSkipped({ skipped, future }: Tally, { params, emit }: Context): void {
  if (future.messages > 0)
    emit({
      kind: 'warning',
      text: `${counted(future.messages, 'message')} dated in the future, the first at ${placeIn(params.source, future.first)}: either a clock or the unit of time is wrong`,
    });
  const named = skipped.first.slice(0, WARNINGS);
  for (const { place, reason } of named)
    emit({ kind: 'warning', text: `skipped ${placeIn(params.source, place)}: ${reason}` });
  if (named.some(({ place }) => namelessPath(place) !== place))
    emit({ kind: 'note', text: 'report.json has the full names of files' });
  const more = skipped.count - named.length;
  if (more > 0)
    emit({
      kind: 'warning',
      text: `skipped ${counted(more, 'more file or line', 'more files or lines')}: see report.json`,
    });
}

/** `12` is a line of the source itself, `a/b.jsonl:12` a line of a file in it. */
function placeIn(source: string, fullPlace: string): string {
  const place = namelessPath(fullPlace);
  if (place === '' || place.startsWith('#')) return `${source}${place}`;
  return /^\d+$/.test(place) ? `${source}:${place}` : `${source.replace(/\/+$/, '')}/${place}`;
}

/** Depends on the source's content alone: contains no paths outside it and no times. */
function reportOf(source: Source, { tally, counts, statistics, conversations }: Account): ConversationsReport {
  return {
    conversations,
    messages: tally.kept - counts.merged + counts.split,
    people: statistics.people.size,
    ...(counts.merged > 0 ? { merged: counts.merged } : {}),
    ...(counts.split > 0 ? { split: counts.split } : {}),
    dropped: Object.fromEntries(Object.entries(tally.dropped).sort(([a], [b]) => (a < b ? -1 : 1))),
    read: tally.read,
    withNewlines: counts.broken,
    ...(source.repairsMojibake ? { mojibake: tally.mojibake } : {}),
    skipped: tally.skipped,
    ...(tally.noticed.size > 0
      ? { noticed: Object.fromEntries([...tally.noticed].sort(([a], [b]) => (a < b ? -1 : 1))) }
      : {}),
  };
}

function totals({ conversations, messages, people, dropped, mojibake }: ConversationsReport): string {
  const repaired = mojibake?.repaired ? `; ${counted(mojibake.repaired, 'string')} repaired` : '';
  return `${counted(conversations, 'conversation')}, ${counted(messages, 'message')}, ${counted(people, 'person', 'people')}${repaired}${dropReasons(dropped)}`;
}

function dropReasons(dropped: Record<string, number>): string {
  const reasons = Object.entries(dropped);
  if (reasons.length === 0) return '';
  const sum = reasons.reduce((total, [, records]) => total + records, 0);
  return `; dropped ${withCommas(sum)} (${reasons.map(([reason, records]) => `${withCommas(records)} ${reason}`).join(', ')})`;
}

function progressOf(source: Source, tally: Tally, emit: Context['emit']): (last?: 'last') => void {
  const total = source.files.reduce((sum, { bytes }) => sum + bytes, 0);
  let next = Date.now() + PROGRESS_MS;
  return (last) => {
    if (!last && Date.now() < next) return;
    next = Date.now() + PROGRESS_MS;
    const note = `${counted(tally.kept, 'message')} from ${counted(tally.filesRead, 'file')} of ${withCommas(source.files.length)}`;
    emit({ kind: 'progress', done: megabytes(tally.bytesRead), total: megabytes(total), unit: 'MB', note });
  };
}

const WARNINGS = 10;
const PROGRESS_MS = 500;
const DAY_MS = 86_400_000;
