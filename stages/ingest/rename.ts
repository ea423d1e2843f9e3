/** Names that stand for names: `Person 1` for whoever appears first, and so on. One of these for a whole reading. */
export interface Renaming {
  /** '' stays '': nobody. */
  nameOf(name: string): string;
  /**
   * Full names of those met so far that others write, and first names of two letters and more where they belong to one
   * person.
   */
  inText(text: string): string;
}

export function numberedNames(): Renaming {
  const numbered = new Map<string, string>();
  const owners = new Map<string, Set<string>>(); // word or full name → numbered names
  let pattern: RegExp | null = null;
  const nameOf = (name: string): string => {
    if (name === '') return '';
    const known = numbered.get(name);
    if (known !== undefined) return known;
    const made = `Person ${numbered.size + 1}`;
    numbered.set(name, made);
    for (const spelled of new Set([name, name.split(/\s+/u)[0]!]))
      if (isName(spelled)) owners.set(spelled, (owners.get(spelled) ?? new Set()).add(made));
    pattern = null;
    return made;
  };
  return {
    nameOf,
    inText(text) {
      if (owners.size === 0) return text;
      pattern ??= new RegExp(
        `(?<![\\p{L}\\p{N}])(?:${[...owners.keys()]
          .sort((a, b) => b.length - a.length)
          .map(escaped)
          .join('|')})(?![\\p{L}\\p{N}])`,
        'gu',
      );
      // A first name of several people tells of none of them, but it must go too.
      return text.replace(pattern, (found) => (owners.get(found)!.size === 1 ? [...owners.get(found)!][0]! : 'Person'));
    },
  };
}

/** «Al» may be somebody; a lone letter or a lower-case nick such as «the» would turn ordinary words into people. */
const isName = (spelled: string): boolean => spelled.length >= 2 && spelled.toLowerCase() !== spelled;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/gu, '\\$&');
