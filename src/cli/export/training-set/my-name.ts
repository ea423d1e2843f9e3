import { join } from 'node:path';
import { readConversations } from '../../../artifacts/conversations.ts';
import { readJson } from '../../../files/read-file.ts';
import { counted, withCommas } from '../../../numbers/counted.ts';
import { nearest } from '../../../pipeline/diagnostic/nearest.ts';
import { UsageError } from '../../verb.ts';

/**
 * The person whose messages are learned: `given`, or else the owner of the chats. Throws a UsageError that lists the
 * people if nobody has that name, or if no owner is known. Its readers asked for these names on their own terminal.
 */
export async function myName(dir: string, given: string | null): Promise<string> {
  const { owner, people } = await peopleIn(dir);
  const chosen = given ?? owner;
  if (chosen !== null && people.has(chosen)) return chosen;
  const list = `people: ${shownPeople(people)}`;
  if (given === null) throw new UsageError(`whose messages should be learned? --me NAME; ${list}`);
  const near = nearest(given, [...people.keys()]);
  throw new UsageError(
    `nobody in these conversations is called "${given}"; ${near === null ? list : `did you mean "${near}"?`}`,
  );
}

// ---------------------------------------------------------------------------

interface People {
  owner: string | null;
  /** name → messages, most messages first */
  people: Map<string, number>;
}

/** From the file that `ingest` writes beside the conversations; other kinds may not have it. */
async function peopleIn(dir: string): Promise<People> {
  const known = readJson<{ owner?: unknown; people?: unknown }>(join(dir, 'people.json'));
  if (Array.isArray(known?.people)) {
    const people = known.people as { name: string; messages: number }[];
    return {
      owner: typeof known.owner === 'string' ? known.owner : null,
      people: new Map(people.map(({ name, messages }) => [name, messages])),
    };
  }
  const people = new Map<string, number>();
  for await (const { messages } of readConversations(dir))
    for (const { from } of messages) if (from !== '') people.set(from, (people.get(from) ?? 0) + 1);
  return { owner: null, people: new Map([...people].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))) };
}

function shownPeople(people: Map<string, number>): string {
  if (people.size === 0) return 'none; the source names no speakers';
  const shown = [...people]
    .slice(0, PEOPLE_SHOWN)
    .map(([name, messages]) => `${name} (${counted(messages, 'message')})`);
  const more = people.size - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` … and ${withCommas(more)} more` : ''}`;
}

const PEOPLE_SHOWN = 12;
