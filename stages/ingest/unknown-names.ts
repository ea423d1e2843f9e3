import { nearest } from '../../src/pipeline/diagnostic/nearest.ts';
import type { ShapeCounts } from './shape-conversations.ts';
import type { Shape } from './shape-params.ts';

/** A warning for each name in the params that nobody has: the rule does nothing, or drops everything. */
export function unknownNames({ keep, names }: Pick<Shape, 'keep' | 'names'>, counts: ShapeCounts): string[] {
  const known = new Set(counts.threadsOf.keys());
  if (known.size === 0 || known.size >= MOST_PEOPLE) return [];
  const shared = new Set(names.tellApart.map((name) => name.toLowerCase()));
  const isKnown = (name: string): boolean => known.has(name) || shared.has(name.toLowerCase());
  const warning = (param: string, name: string): string =>
    `${param}: nobody is called "${name}"${Object.hasOwn(names.aliases, name) ? `, because names.aliases renames ${name} to "${names.aliases[name]!}"` : likeliest(name, [...known])}`;
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
      .map((name) => `names.aliases: nobody is called "${name}" in the source${likeliest(name, [...known])}`),
  ];
}

// ---------------------------------------------------------------------------

/** As many names as are counted. */
const MOST_PEOPLE = 100_000;

/** The name that is probably meant: the only one with this word, or one with few other letters. */
function likeliest(name: string, known: string[]): string {
  const words = (text: string): string[] => text.toLowerCase().split(/\s+/);
  const fuller = known.filter((one) => words(name).every((word) => words(one).includes(word)));
  const meant = fuller.length === 1 ? fuller[0]! : nearest(name, known);
  return meant === null || meant === name ? '' : `; the nearest name is "${meant}"`;
}
