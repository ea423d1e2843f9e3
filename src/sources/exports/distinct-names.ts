/**
 * Returns a function that gives each id one name: the one it first came with, because people rename themselves. If
 * another id has it already, `handle` (or the id) in parentheses tells the two apart.
 */
export function distinctNames(): (id: string, name: string, handle?: string) => string {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  return (id, name, handle = '') => {
    if (id === '') return name;
    const known = names.get(id);
    if (known !== undefined) return known;
    const shown = name.trim() || handle.trim() || id;
    const distinct = [shown, `${shown} (${handle.trim() || id})`].find((free) => !taken.has(free));
    const given = distinct ?? `${shown} (${id})`;
    names.set(id, given);
    taken.add(given);
    return given;
  };
}
