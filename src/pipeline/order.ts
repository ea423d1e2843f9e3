import type { Stage } from './pipeline.ts';

type Node = Pick<Stage, 'name' | 'inputs'>;

/** Stages in an order in which each comes after its inputs, otherwise in the order of the file. There must be no cycle. */
export function inOrder<S extends Node>(stages: S[]): S[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const placed = new Set<string>();
  const ordered: S[] = [];
  // an explicit stack, so that a chain of ten thousand stages does not overflow the call stack
  for (const root of stages) {
    const stack = [root];
    while (stack.length) {
      const stage = stack[stack.length - 1] as S;
      const before = Object.values(stage.inputs).flatMap((name) => (placed.has(name) ? [] : (byName.get(name) ?? [])));
      if (before.length && !placed.has(stage.name)) {
        stack.push(...before.reverse());
        continue;
      }
      stack.pop();
      if (!placed.has(stage.name)) ordered.push(stage);
      placed.add(stage.name);
    }
  }
  return ordered;
}

/** The names along one cycle, in the direction of the data, or null. */
export function cycleIn(stages: Node[]): string[] | null {
  const waiting = new Map(stages.map((stage) => [stage.name, new Set(Object.values(stage.inputs))]));
  for (const inputs of waiting.values()) for (const name of inputs) if (!waiting.has(name)) inputs.delete(name);
  let free = [...waiting].filter(([, inputs]) => inputs.size === 0).map(([name]) => name);
  const readers = new Map<string, string[]>();
  for (const [name, inputs] of waiting)
    for (const input of inputs) readers.set(input, [...(readers.get(input) ?? []), name]);
  while (free.length) {
    const next: string[] = [];
    for (const name of free) {
      waiting.delete(name);
      for (const reader of readers.get(name) ?? []) {
        const left = waiting.get(reader);
        left?.delete(name);
        if (left?.size === 0) next.push(reader);
      }
    }
    free = next;
  }
  const start = waiting.keys().next().value;
  if (start === undefined) return null;
  // every stage that is left has an input that is left, so following inputs must lead into a cycle
  const seen: string[] = [];
  let current = start;
  while (!seen.includes(current)) {
    seen.push(current);
    current = waiting.get(current)?.values().next().value ?? current;
  }
  return seen.slice(seen.indexOf(current)).reverse();
}
