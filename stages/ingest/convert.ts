import {
  openConversationsWriter,
  type Conversation,
  type ConversationsReport,
  type ConversationsWriter,
} from '../../src/artifacts/conversations.ts';
import { openParts } from '../../src/artifacts/parts/parts.ts';
import { counted, withCommas } from '../../src/numbers/counted.ts';
import { StageStopped } from '../../src/pipeline/stage-kind.ts';
import { addTally } from '../../src/sources/add-tally.ts';
import type { SourceFormat } from '../../src/sources/format-names.ts';
import { IN_ANOTHER_EXPORT } from '../../src/sources/overlaps/join-units.ts';
import { sampledConversations } from '../../src/sources/sample-conversations.ts';
import type { Source, SourceFile, Unit } from '../../src/sources/source.ts';
import { MOST_LISTED, type Tally } from '../../src/sources/tally.ts';
import { megabytes } from '../read-progress.ts';
import { newAccount, type Account } from './account.ts';
import { areComparable, overlapEvents, overlapsIn, printsOf, type Overlaps } from './overlaps.ts';
import type { Context } from './params.ts';
import { aliasing, newPass, passLines, type Pass, type PassOptions } from './read-pass.ts';
import { isCachingWorthwhile } from './read-units.ts';
import { hidesAnything } from './shape-params.ts';

/** What was read and written. */
export interface Converted {
  account: Account;
  /** numbers of the sources that had a conversation, before any filter; 0 for a single source */
  found: ReadonlySet<number>;
  /** files that may be copies of one chat, for the report */
  undecided: ConversationsReport['undecided'];
  /** to be closed with a report, or abandoned */
  writer: ConversationsWriter;
}

/**
 * Writes the conversations of a source. Only at its end is it known whether some are copies of one chat; if so, it is
 * read again with the copies joined. `placeOf` names the file of a unit.
 */
export async function convert(
  source: Source,
  { format, placeOf }: { format: SourceFormat | null; placeOf: (unit: Unit) => string },
  context: Context,
): Promise<Converted> {
  const { sample } = context.params;
  const nameOf = aliasing(context.params);
  const found = new Set<number>();
  const listed = newAccount(Date.now() + DAY_MS).tally;
  const units = (await source.units!(listed)).map((unit) => noticed(unit, found));
  const isCompared = areComparable(units);
  const write = (chosen: Unit[], how: Pick<PassOptions, 'isCompared'>): Promise<Written> =>
    writePass(chosen, { listed, found, format, ...how }, source.files, context);
  let written: Written;
  let overlaps: Overlaps | null = null;
  if (sample) {
    // Which conversations are in the sample depends on all of them.
    if (isCompared) overlaps = overlapsIn(await printsOf(units, nameOf), units, nameOf);
    const chosen = overlaps?.units ?? units;
    written = await write(
      [{ files: [], read: (_, tally) => sampledConversations((inner) => allOf(chosen, inner), sample)(tally) }],
      { isCompared: false },
    );
  } else {
    written = await write(units, { isCompared });
    if (isCompared) overlaps = overlapsIn(written.pass.printed, units, nameOf);
    if (overlaps && overlaps.files > 0) {
      written.writer.abandon();
      written = await write(overlaps.units, { isCompared: false });
    }
  }
  const { pass, writer } = written;
  const leftOut = pass.account.tally.dropped[IN_ANOTHER_EXPORT] ?? 0;
  if (overlaps)
    for (const event of overlapEvents(overlaps, leftOut, (number) => placeOf(units[number]!))) context.emit(event);
  if (pass.cachedFiles > 0)
    context.emit({
      kind: 'note',
      text: `${withCommas(pass.cachedFiles)} of ${counted(source.files.length, 'file')} unchanged: used their cached conversations`,
    });
  const fileOf = (number: number): string => {
    const { files: unitFiles, source: index } = units[number]!;
    return `${index === undefined ? '' : `sources.${index}/`}${unitFiles[0]?.place ?? ''}`;
  };
  const undecided = overlaps?.undecided
    .slice(0, MOST_LISTED)
    .map(({ units: [one, other], what, count }) => ({ files: [fileOf(one), fileOf(other)], [what]: count }));
  return { account: pass.account, found, undecided: undecided?.length ? undecided : undefined, writer };
}

// ---------------------------------------------------------------------------

const PROGRESS_MS = 500;
const DAY_MS = 86_400_000;

/** The same unit, which adds its source to `found` once it has a conversation. */
function noticed(unit: Unit, found: Set<number>): Unit {
  return {
    ...unit,
    async *read(files, tally) {
      for await (const conversation of unit.read(files, tally)) {
        found.add(unit.source ?? 0);
        yield conversation;
      }
    },
  };
}

async function* allOf(units: Unit[], tally: Tally): AsyncGenerator<Conversation> {
  for (const unit of units) yield* unit.read(unit.files, tally);
}

interface Written {
  pass: Pass;
  writer: ConversationsWriter;
}

interface PassInput extends Pick<PassOptions, 'format' | 'isCompared'> {
  /** what was found when the units were listed */
  listed: Tally;
  found: Set<number>;
}

async function writePass(
  units: Unit[],
  { listed, found, format, isCompared }: PassInput,
  files: SourceFile[],
  { params, outDir, partsDir, emit, signal }: Context,
): Promise<Written> {
  const pass = newPass(newAccount(listed.future.after), found);
  addTally(pass.account.tally, listed);
  const isCached = !hidesAnything(params) && !params.sample && isCachingWorthwhile(files);
  const parts = isCached ? openParts(partsDir) : null;
  const progress = progressOf(files, params.sample ? 2 : 1, pass.account.tally, emit);
  const writer = openConversationsWriter(outDir);
  try {
    for await (const lines of passLines(units, pass, { params, format, parts, isCompared })) {
      if (signal.aborted) throw new StageStopped();
      writer.appendLines(lines);
      progress();
    }
    progress('last');
    return { pass, writer };
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    parts?.close();
  }
}

function progressOf(files: SourceFile[], times: number, tally: Tally, emit: Context['emit']): (last?: 'last') => void {
  const total = times * files.reduce((sum, { bytes }) => sum + bytes, 0);
  let next = Date.now() + PROGRESS_MS;
  return (last) => {
    if (!last && Date.now() < next) return;
    next = Date.now() + PROGRESS_MS;
    const note = `${counted(tally.kept, 'message')} from ${counted(tally.filesRead, 'file')} of ${withCommas(files.length)}`;
    emit({ kind: 'progress', done: megabytes(tally.bytesRead), total: megabytes(total), unit: 'MB', note });
  };
}
