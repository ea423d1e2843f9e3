/** Groups of numbers that grow together: union and find. */
export interface Groups {
  join(a: number, b: number): void;
  /** The groups of two and more, each in order, by their least numbers. */
  all(): number[][];
}

export function newGroups(): Groups {
  const parents = new Map<number, number>();
  const rootOf = (number: number): number => {
    let root = number;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    if (root !== number) parents.set(number, root);
    return root;
  };
  const joined = new Set<number>();
  return {
    join(a, b) {
      joined.add(a).add(b);
      const [one, other] = [rootOf(a), rootOf(b)];
      if (one !== other) parents.set(Math.max(one, other), Math.min(one, other));
    },
    all() {
      const groups = new Map<number, number[]>();
      for (const number of [...joined].sort((a, b) => a - b)) {
        const root = rootOf(number);
        groups.set(root, [...(groups.get(root) ?? []), number]);
      }
      return [...groups.values()];
    },
  };
}
