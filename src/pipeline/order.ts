import type { Stage } from './pipeline.ts';

type Node = Pick<Stage, 'name' | 'inputs'>;

/** Stages so that each comes after those that feed it, otherwise as they stand in the file. Without a cycle. */
export function inOrder<S extends Node>(stages: S[]): S[] {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const placed = new Set<string>();
  const ordered: S[] = [];
  // An explicit stack: a chain of ten thousand stages must not overflow the call stack.
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

/** The names along one cycle, or null. */
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
  // What is left only waits for what is left: walking back along inputs must come round.
  const seen: string[] = [];
  let at = start;
  while (!seen.includes(at)) {
    seen.push(at);
    at = waiting.get(at)?.values().next().value ?? at;
  }
  return seen.slice(seen.indexOf(at)).reverse();
}
