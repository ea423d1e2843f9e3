/**
 * ingest: converts chat exports, logs and tables to conversations.
 *
 * Reads a source in one of the formats of src/sources, one conversation at a time, and writes conversations.jsonl and
 * report.json. Every record is either kept, or dropped and counted under a reason. Files and lines that cannot be read
 * are reported and skipped.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CONVERSATIONS_PAGE_FILE, type ConversationsReport } from '../src/artifacts/conversations.ts';
import { replaceFile } from '../src/files/replace-file.ts';
import { namelessPath } from '../src/files/nameless-path.ts';
import { FORMATS, type SourceFormat } from '../src/sources/format-names.ts';
import { findSource, likelyFormat } from '../src/sources/formats.ts';
import { emptiness, mixedFormats, whatIsThere, type FormatCount } from '../src/sources/mixed-formats.ts';
import { severalSources, withinSource } from '../src/sources/several-sources.ts';
import { columnsHint, firstRow, headerOf, headerText, type Header } from '../src/sources/tables/header.ts';
import { fileStart, filesAt } from '../src/sources/source-bytes.ts';
import type { Source, Unit } from '../src/sources/source.ts';
import { checkTally, type Tally } from '../src/sources/tally.ts';
import { StageInputError } from '../src/pipeline/stage-kind.ts';
import type { Account } from './ingest/account.ts';
import { convert } from './ingest/convert.ts';
import type { Context } from './ingest/params.ts';
import { reportPage } from './ingest/report-page.ts';
import { likelyOwner } from './ingest/likely-owner.ts';
import { unknownNames } from './ingest/hints/unknown-names.ts';
import { hidesAnything } from './ingest/shape-params.ts';
import { givenSources, type GivenSource } from './ingest/source-params.ts';
import { peopleInOrder } from './ingest/statistics.ts';
import { counted, withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { outDir, emit } = context;
  const { source, opened } = await openSources(context);
  const format = context.params.sources ? null : opened[0]!.format;
  const placeOf = ({ files: [first], source: number }: Unit): string =>
    placeIn(opened[number ?? 0]!.given.named, first?.place ?? '');
  const { account, found, undecided, writer } = await convert(source, { format, placeOf }, context);
  const { tally, counts, statistics } = account;
  try {
    checkTally(tally);
    noteRemarks(tally, context);
    warnOfSkipped(tally, context);
    // A sample may lack people who are in the source.
    if (!context.params.sample)
      for (const text of unknownNames(context.params, counts)) emit({ kind: 'warning', text });
    if (opened.length > 1)
      for (const [number, one] of opened.entries()) if (!found.has(number)) throw await emptySourceError(one);
    if (account.conversations === 0) throw await noConversationsError(opened, tally, context);
  } catch (error) {
    writer.abandon();
    throw error;
  }
  const report = { ...reportOf(source, account), ...(undecided ? { undecided } : {}) };
  const owner =
    context.params.names.owner ??
    (context.params.names.replace === 'no' ? likelyOwner(counts, context.params.names.aliases) : null);
  replaceFile(
    join(outDir, 'people.json'),
    `${JSON.stringify({ owner, people: peopleInOrder(statistics.people).map(([name, messages]) => ({ name, messages })) }, null, 1)}\n`,
  );
  // Repaired strings are recorded before the filters run. Show none if the filters may have removed their authors.
  replaceFile(
    join(outDir, CONVERSATIONS_PAGE_FILE),
    reportPage({
      report,
      statistics,
      owner,
      repairs: hidesAnything(context.params) ? { repaired: [], failed: [] } : tally.mended,
    }),
  );
  writer.close(report);
  const more = whatReportHas(tally);
  if (more !== null) emit({ kind: 'note', text: more });
  if (counts.cleaned > 0)
    emit({ kind: 'note', text: `control characters were taken out of ${counted(counts.cleaned, 'message')}` });
  emit({ kind: 'note', text: totals(report) });
}

interface OpenedSource {
  given: GivenSource;
  path: string;
  source: Source;
  format: SourceFormat;
}

async function openSources(context: Context): Promise<{ source: Source; opened: OpenedSource[] }> {
  const opened: OpenedSource[] = [];
  for (const given of givenSources(context.params)) opened.push(await openSource(given, context));
  if (!context.params.sources) return { source: opened[0]!.source, opened };
  const abouts = opened.map(({ given: { param: _, named: __, ...options }, format }) => ({ ...options, format }));
  return {
    source: severalSources(
      opened.map(({ source }) => source),
      abouts,
    ),
    opened,
  };
}

/** Finds the files to read. Throws a StageInputError if the source is missing or may not be read. */
async function openSource(given: GivenSource, context: Context): Promise<OpenedSource> {
  const { param, named, format: _, ...options } = given;
  const path = context.sources[param]!;
  try {
    statSync(path);
    const format = await formatOf(given, context);
    const { ubuntu, messages } = context.params;
    const source = await findSource(format, path, { ...options, messages, ubuntu });
    return { given, path, source, format };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'ENOENT')
      throw new StageInputError(
        `cannot read the source ${named} (${code}: ${path})`,
        'check that you have permission to read it and everything in it',
      );
    throw new StageInputError(
      `source ${named} does not exist (${path})`,
      `set \`${param}\` to the file or folder with your chats`,
    );
  }
}

async function formatOf(given: GivenSource, { sources, emit }: Context): Promise<SourceFormat> {
  const { param, named, format, columns } = given;
  const path = sources[param]!;
  if (format !== 'auto') return format;
  const likely = await likelyFormat(path);
  if (likely === null) throw (await emptyError(given, path)) ?? (await unrecognizedError(named, path));
  const mixed = await mixedFormats(path, likely);
  if (mixed.length > 0) throw mixedError(named, mixed);
  if (likely === 'csv' && columns === undefined) {
    const header = await headerAt(path);
    throw new StageInputError(
      `${named} looks like a table; ${headerText(header)}`,
      `add to the params: ${columnsHint(header)}`,
    );
  }
  emit({ kind: 'note', text: `${named} looks like \`format: ${likely}\`` });
  return likely;
}

/** Null if there is something to read. */
async function emptyError({ param, named }: GivenSource, path: string): Promise<StageInputError | null> {
  const empty = await emptiness(path);
  if (empty === null) return null;
  return new StageInputError(`${named} is ${empty}`, `set \`${param}\` to the file or folder with your chats`);
}

async function unrecognizedError(named: string, path: string): Promise<StageInputError> {
  const found = await whatIsThere(path);
  return found === null
    ? new StageInputError(`cannot detect the format of ${named}`, `set \`format\` to one of ${FORMATS.join(', ')}`)
    : new StageInputError(`cannot detect the format of ${named}: it looks like ${found.saw}`, found.help);
}

/** Reading only the files of one format would lose the others without anybody noticing. */
function mixedError(source: string, mixed: FormatCount[]): StageInputError {
  const each = mixed.map(
    ({ format, files, endings }) =>
      `${counted(files, 'file')} of ${format === null ? 'no known format' : `format ${format}`} (${endings.join(', ')})`,
  );
  return new StageInputError(
    `${source} holds more than one format: ${each.join('; ')}`,
    'give each format a folder of its own and name them all in `sources`, or set `format` to read only the files of one',
  );
}

/** An empty export is an error: it must not silently become an empty data set. */
async function noConversationsError(
  opened: OpenedSource[],
  { read, dropped, skipped }: Tally,
  { params }: Context,
): Promise<StageInputError> {
  if (read === 0 && opened.length === 1) {
    const empty = await emptyError(opened[0]!.given, opened[0]!.path);
    if (empty) return empty;
  }
  const files = opened.reduce((sum, { source }) => sum + source.files.length, 0);
  const [first] = skipped.first;
  const finding =
    files === 0 && read === 0
      ? 'nothing in it has this format'
      : `${counted(files, 'file')} read, ${counted(read, 'record')} found, none kept${dropReasons(dropped)}${first ? `; ${shownPlace(first.place, params)}: ${first.reason}` : ''}`;
  const named = opened.map(({ given }) => given.named).join(', ');
  return new StageInputError(
    `no conversations in ${named}: ${finding}`,
    opened.length === 1 ? await formatHint(opened[0]!) : undefined,
  );
}

/** One of several sources has nothing: its format is probably wrong. */
async function emptySourceError(opened: OpenedSource): Promise<StageInputError> {
  const { given, source } = opened;
  const empty = await emptyError(given, opened.path);
  if (empty) return empty;
  const finding =
    source.files.length === 0
      ? 'nothing in it has this format'
      : `${counted(source.files.length, 'file')} read, but no messages found`;
  return new StageInputError(
    `no conversations in ${given.named} (${given.param}): ${finding}`,
    await formatHint(opened),
  );
}

async function headerAt(path: string): Promise<Header> {
  const { files } = await filesAt(path, ['.csv', '.tsv']);
  return headerOf(files[0] ? firstRow(await fileStart(files[0])) : []);
}

async function formatHint({ path, source, format }: OpenedSource): Promise<string> {
  const likely = await likelyFormat(path);
  if (likely !== null && likely !== format) return `it looks like \`format: ${likely}\``;
  if (format === 'csv' && source.files.length > 0)
    return `name the columns that are there: ${columnsHint(await headerAt(path))}`;
  const unknown = likely === null ? await whatIsThere(path) : null;
  return unknown !== null
    ? `it looks like ${unknown.saw}; ${unknown.help}`
    : `\`format: ${format}\` looks for ${source.looksFor}`;
}

function noteRemarks({ noticed }: Tally, { params, emit }: Context): void {
  for (const [remark, { count, first, warning, example }] of noticed)
    emit({
      kind: warning ? 'warning' : 'note',
      text: `${shownPlace(first, params)}: ${remark}${example === undefined ? '' : `, such as "${example}"`}${count === 1 ? '' : ` (and ${withCommas(count - 1)} more)`}`,
    });
}

function warnOfSkipped({ skipped, future }: Tally, { params, emit }: Context): void {
  if (future.messages > 0)
    emit({
      kind: 'warning',
      text: `${counted(future.messages, 'message')} dated in the future, the first at ${shownPlace(future.first, params)}: either a clock or the unit of time is wrong`,
    });
  const named = skipped.first.slice(0, WARNINGS);
  for (const { place, reason } of named)
    emit({ kind: 'warning', text: `skipped ${shownPlace(place, params)}: ${reason}` });
  const more = skipped.count - named.length;
  if (more > 0) emit({ kind: 'warning', text: `skipped ${counted(more, 'more file or line', 'more files or lines')}` });
}

/** What the warnings left out. A stage that fails leaves no report. */
function whatReportHas({ skipped }: Tally): string | null {
  const hidesNames = skipped.first.slice(0, WARNINGS).some(({ place }) => namelessPath(place) !== place);
  if (skipped.count > WARNINGS) return `report.json in this stage's folder of the run lists more of what was skipped`;
  return hidesNames ? "report.json in this stage's folder of the run has the full names of files" : null;
}

/** A place as the user knows it: with the path of its source. */
function shownPlace(place: string, params: Context['params']): string {
  const given = givenSources(params);
  const within = params.sources ? withinSource(place) : null;
  return within ? placeIn(given[within.number]!.named, within.rest) : placeIn(given[0]?.named ?? '', place);
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

const WARNINGS = 10;
