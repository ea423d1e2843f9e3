import type { Conversation } from '../../artifacts/conversations.ts';
import { gatherMessages } from '../gather-messages.ts';
import type { Unit } from '../source.ts';
import { drop, type Tally } from '../tally.ts';
import type { Member } from './find-overlaps.ts';
import { newGroups } from './groups.ts';
import { mergeCopies } from './merge-copies.ts';

/** Why a message was dropped of which another export has a copy. */
export const IN_ANOTHER_EXPORT = 'in another export too';

/** All copies of a chat are in memory at once, so units with more bytes than this are not joined. */
const MOST_JOINED_BYTES = 512 * 2 ** 20;

/**
 * Joins units that have copies of the same chats. A joined unit yields such a chat once, where its last copy ends, and
 * all other conversations as they were. `chats` are the copies, as `findOverlaps` returns them.
 */
export function joinUnits(
  units: Unit[],
  chats: Member[][],
  nameOf: (name: string) => string,
): { units: Unit[]; tooLarge: number[][] } {
  const groups = newGroups();
  for (const [first, ...others] of chats) for (const other of others) groups.join(first!.unit, other.unit);
  const tooLarge: number[][] = [];
  const joined = new Map<number, Unit>();
  const absorbed = new Set<number>();
  for (const numbers of groups.all()) {
    if (bytesOf(numbers.map((number) => units[number]!)) > MOST_JOINED_BYTES) {
      tooLarge.push(numbers);
      continue;
    }
    const inside = chats.filter(([first]) => numbers.includes(first!.unit));
    joined.set(numbers[0]!, joinedUnit(numbers, units, inside, nameOf));
    for (const number of numbers.slice(1)) absorbed.add(number);
  }
  return {
    units: units.flatMap((unit, number) => (absorbed.has(number) ? [] : [joined.get(number) ?? unit])),
    tooLarge,
  };
}

// ---------------------------------------------------------------------------

const bytesOf = (units: Unit[]): number =>
  units.reduce((sum, { files }) => sum + files.reduce((inner, { bytes }) => inner + bytes, 0), 0);

/** The copies of one chat that have been read so far. */
interface Copies {
  id: string;
  /** unit → messages: what a unit splits into several conversations is still one copy */
  byUnit: Map<number, Conversation['messages']>;
  awaited: number;
}

function joinedUnit(numbers: number[], units: Unit[], chats: Member[][], nameOf: (name: string) => string): Unit {
  const chatOf = new Map(chats.flatMap((members, chat) => members.map((member) => [placeOf(member), chat])));
  return {
    files: numbers.flatMap((number) => units[number]!.files),
    exports: numbers.flatMap((number) => units[number]!.exports ?? []),
    about: [
      'joined',
      numbers.map((number) => [units[number]!.about ?? null, units[number]!.files.length]),
      chats.map((members) => members.map(({ unit, conversation }) => [numbers.indexOf(unit), conversation])),
    ],
    async *read(files, tally) {
      const open = new Map<number, Copies>();
      let first = 0;
      for (const number of numbers) {
        const unit = units[number]!;
        const own = files.slice(first, (first += unit.files.length));
        let conversation = 0;
        for await (const read of unit.read(own, tally)) {
          const chat = chatOf.get(placeOf({ unit: number, conversation: conversation++ }));
          if (chat === undefined) {
            yield read;
            continue;
          }
          const copies = open.get(chat) ?? { id: read.id, byUnit: new Map(), awaited: chats[chat]!.length };
          open.set(chat, copies);
          copies.byUnit.set(number, [...(copies.byUnit.get(number) ?? []), ...read.messages]);
          if (--copies.awaited > 0) continue;
          open.delete(chat);
          yield* mergedChat(copies, nameOf, tally);
        }
      }
      for (const copies of open.values()) yield* mergedChat(copies, nameOf, tally); // if files changed meanwhile
    },
  };
}

const placeOf = ({ unit, conversation }: Member): string => `${unit} ${conversation}`;

function* mergedChat({ id, byUnit }: Copies, nameOf: (name: string) => string, tally: Tally): Generator<Conversation> {
  const { messages, duplicates } = mergeCopies([...byUnit.values()], nameOf);
  tally.kept -= duplicates;
  if (duplicates > 0) drop(tally, IN_ANOTHER_EXPORT, duplicates);
  const gathering = gatherMessages(id);
  for (const message of messages) {
    const full = gathering.add(message);
    if (full) yield full;
  }
  const rest = gathering.end();
  if (rest) yield rest;
}
