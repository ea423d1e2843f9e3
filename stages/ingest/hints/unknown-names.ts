import type { ShapeCounts } from '../shape-conversations.ts';
import type { Shape } from '../shape-params.ts';

/**
 * A warning for each name in the params that nobody has: the rule does nothing, or drops everything. It holds no name
 * from the chats, because warnings are recorded.
 */
export function unknownNames({ keep, names }: Pick<Shape, 'keep' | 'names'>, counts: ShapeCounts): string[] {
  const known = new Set(counts.threadsOf.keys());
  if (known.size === 0 || known.size >= MOST_PEOPLE) return [];
  const shared = new Set(names.tellApart.map((name) => name.toLowerCase()));
  const isKnown = (name: string): boolean => known.has(name) || shared.has(name.toLowerCase());
  const warning = (param: string, name: string): string =>
    `${param}: nobody is called "${name}"${Object.hasOwn(names.aliases, name) ? `, because names.aliases renames ${name} to "${names.aliases[name]!}"` : ' (people.json lists everybody)'}`;
  const named: [param: string, name: string][] = [
    ...keep.people.map((name): [string, string] => ['keep.people', name]),
    ...keep.notPeople.map((name): [string, string] => ['keep.notPeople', name]),
    ...keep.onlyAmong.map((name): [string, string] => ['keep.onlyAmong', name]),
    ...(names.owner === undefined ? [] : [['names.owner', names.owner] as [string, string]]),
  ];
  return [
    ...named.filter(([, name]) => !isKnown(name)).map(([param, name]) => warning(param, name)),
    ...Object.keys(names.aliases)
      .filter((name) => !counts.aliased.has(name))
      .map((name) => `names.aliases: nobody is called "${name}" in the source`),
  ];
}

// ---------------------------------------------------------------------------

/** As many names as are counted. */
const MOST_PEOPLE = 100_000;
