import { counted } from '../../src/numbers/counted.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { findOverlaps, type Undecided } from '../../src/sources/overlaps/find-overlaps.ts';
import { fingerprinting } from '../../src/sources/overlaps/fingerprints.ts';
import { joinUnits } from '../../src/sources/overlaps/join-units.ts';
import { printedUnits, type PrintedUnits } from '../../src/sources/overlaps/printed-units.ts';
import type { Unit } from '../../src/sources/source.ts';
import { newTally } from '../../src/sources/tally.ts';

/** What several exports have in common. */
export interface Overlaps {
  /** the units, with copies of a chat joined */
  units: Unit[];
  /** number of files that were joined */
  files: number;
  undecided: Undecided[];
  /** numbers of units that have copies, but are too large to be joined */
  tooLarge: number[][];
}

/** Whether two of the units can have copies of one chat. */
export function areComparable(units: Unit[]): boolean {
  const [first, ...others] = units;
  const inAll = (name: string): boolean => others.every(({ exports }) => exports?.includes(name));
  return others.length > 0 && !first!.exports?.some(inAll);
}

export function overlapsIn(printed: PrintedUnits, units: Unit[], nameOf: (name: string) => string): Overlaps {
  const { chats, undecided } = findOverlaps(printed.all());
  const { units: joined, tooLarge } = joinUnits(units, chats, nameOf);
  const files = units.reduce((sum, unit) => sum + (joined.includes(unit) ? 0 : unit.files.length), 0);
  return { units: joined, files, undecided, tooLarge };
}

/** Reads the units only to compare them. */
export async function printsOf(units: Unit[], nameOf: (name: string) => string): Promise<PrintedUnits> {
  const printed = printedUnits();
  for (const unit of units) {
    const prints = fingerprinting(nameOf, printed.levels());
    for await (const conversation of unit.read(unit.files, newTally())) prints.add(conversation);
    printed.add(prints.result(), unit.exports);
  }
  return printed;
}

/** What to tell about them. `leftOut`: messages of which another copy was kept; `placeOf` names the file of a unit. */
export function overlapEvents(
  { files, undecided, tooLarge }: Overlaps,
  leftOut: number,
  placeOf: (unit: number) => string,
): StageEvent[] {
  const named = undecided.slice(0, MOST_NAMED);
  const more = undecided.length - named.length;
  const warning = (text: string): StageEvent => ({ kind: 'warning', text });
  return [
    ...(files > 0 ? [{ kind: 'note', text: joinedText(files, leftOut) } as const] : []),
    ...tooLarge.map((units) =>
      warning(
        `${units.map(placeOf).join(', ')}: these files have messages in common, but are too large to compare them all; all copies were kept`,
      ),
    ),
    ...named.map(({ units, what, count }) =>
      warning(`${units.map(placeOf).join(' and ')}: ${undecidedText(what, count)}`),
    ),
    ...(more > 0
      ? [warning(`${counted(more, 'more pair')} of files with messages in common: all copies were kept`)]
      : []),
  ];
}

// ---------------------------------------------------------------------------

const MOST_NAMED = 10;

const joinedText = (files: number, leftOut: number): string =>
  `${counted(files, 'file')} overlap: ${counted(leftOut, 'message')} occurred in an earlier copy of the same chat and ${leftOut === 1 ? 'was' : 'were'} left out`;

function undecidedText(what: Undecided['what'], count: number): string {
  return what === 'messages'
    ? `${counted(count, 'message')} in both, but these may be two chats: all copies were kept. If it is one chat, leave one of the files out (report.json has their names)`
    : `${counted(count, 'long text')} in both, but without times, or at other times or from other people: all copies were kept. If it is one chat, leave one of the files out (report.json has their names), or make times and names agree (timeZone of a source, names.aliases)`;
}
