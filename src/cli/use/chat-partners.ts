import { calledAs } from '../../files/called-as.ts';
import { join } from 'node:path';
import type { Acquaintance } from '../../chat/people.ts';
import { readJson } from '../../files/read-file.ts';
import { withCommas } from '../../numbers/counted.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { UsageError } from '../verb.ts';

export interface Partners {
  /** who the user writes as */
  user: string;
  /** who the model writes as */
  person: string;
}

/**
 * Who talks with whom. By default the user is the owner of the chats, and the model whoever shares most conversations
 * with them. Throws a UsageError that lists the people if that is not known.
 */
export function chatPartners(
  { people, closestTo }: Acquaintance,
  { as, with: withName, owner }: { as: string | null; with: string | null; owner: string | null },
): Partners {
  const names = people.map(({ name }) => name);
  if (names.length === 0)
    throw new UsageError(`the training text names nobody, so there is nobody to talk with; try ${calledAs()} sample`);
  const user = as ?? owner ?? (withName === null ? null : closestTo(known(withName, names)));
  const person = withName === null ? (user === null ? null : closestTo(known(user, names))) : withName;
  if (user === null || person === null)
    throw new UsageError(
      `who is who? choose two of these with --as (you) and --with (the model):\n${table(people).join('\n')}`,
    );
  const chosen = { user: known(user, names), person: known(person, names) };
  if (chosen.user === chosen.person)
    throw new UsageError(
      `${JSON.stringify(chosen.user)} cannot talk with themselves; choose somebody else with --with`,
    );
  return chosen;
}

/** The owner that `ingest` found, or null. */
export function ownerOf(conversations: string | null): string | null {
  return conversations === null
    ? null
    : (readJson<{ owner: string | null }>(join(conversations, 'people.json'))?.owner ?? null);
}

/** A name as the training text has it, whatever its case. */
export function known(name: string, names: string[]): string {
  const found =
    names.find((other) => other === name) ?? names.find((other) => other.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`nobody in the training text is called "${name}"; ${suggestion(name, names, 'people')}`);
}

// ---------------------------------------------------------------------------

const MOST_LISTED = 20;

function table(people: Acquaintance['people']): string[] {
  const shown = people.slice(0, MOST_LISTED);
  const width = Math.max(...shown.map(({ tokens }) => withCommas(tokens).length));
  const rows = shown.map(({ name, tokens }) => `  ${withCommas(tokens).padStart(width)} tokens  ${name}`);
  return people.length > shown.length ? [...rows, `  … and ${people.length - shown.length} more`] : rows;
}
