/** Replaces names by pseudonyms: `Person 1` for the first person who appears, and so on. Use one for a whole source. */
export interface Renaming {
  /** The person's pseudonym. '' (nobody) stays ''. */
  pseudonym(name: string): string;
  /**
   * Replaces the names of people seen so far in a text: full names, and first names of at least two letters. A first
   * name that several people share becomes `Person`.
   */
  inText(text: string): string;
}

export function numberedNames(): Renaming {
  const numbered = new Map<string, string>();
  const owners = new Map<string, Set<string>>(); // first or full name → pseudonyms
  let pattern: RegExp | null = null;
  const pseudonym = (name: string): string => {
    if (name === '') return '';
    const known = numbered.get(name);
    if (known !== undefined) return known;
    const assigned = `Person ${numbered.size + 1}`;
    numbered.set(name, assigned);
    for (const spelled of new Set([name, name.split(/\s+/u)[0]!]))
      if (isName(spelled)) owners.set(spelled, (owners.get(spelled) ?? new Set()).add(assigned));
    pattern = null;
    return assigned;
  };
  return {
    pseudonym,
    inText(text) {
      if (owners.size === 0) return text;
      pattern ??= new RegExp(
        `(?<![\\p{L}\\p{N}])(?:${[...owners.keys()]
          .sort((a, b) => b.length - a.length)
          .map(escaped)
          .join('|')})(?![\\p{L}\\p{N}])`,
        'gu',
      );
      // A shared first name does not identify one person, but it must be hidden too.
      return text.replace(pattern, (found) => (owners.get(found)!.size === 1 ? [...owners.get(found)!][0]! : 'Person'));
    },
  };
}

/** "Al" may be a name. A single letter or a lower-case nick such as "the" would turn ordinary words into people. */
const isName = (spelled: string): boolean => spelled.length >= 2 && spelled.toLowerCase() !== spelled;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
