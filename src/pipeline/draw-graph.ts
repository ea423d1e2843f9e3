import { inOrder } from './order.ts';
import type { Stage } from './pipeline.ts';

type Node = Pick<Stage, 'name' | 'kind' | 'inputs'>;

export interface DrawnRow {
  /** the lines before the name: `│ ├─ ` */
  branch: string;
  node: Node;
  /** inputs that the tree does not show */
  also: string[];
}

/** Stages as a tree, each below the last of its inputs; its other inputs are named beside it. */
export function drawGraph(stages: Node[]): DrawnRow[] {
  const ordered = inOrder(stages);
  const indexes = new Map(ordered.map(({ name }, index) => [name, index]));
  const below = new Map<string | null, Node[]>();
  for (const node of ordered) {
    const parent = Object.values(node.inputs).reduce<string | null>(
      (last, from) => (last === null || (indexes.get(from) ?? -1) > (indexes.get(last) ?? -1) ? from : last),
      null,
    );
    below.set(parent, [...(below.get(parent) ?? []), node]);
  }
  const rows: DrawnRow[] = [];
  // an explicit stack, so that a chain of ten thousand stages does not overflow the call stack
  const stack = (below.get(null) ?? [])
    .map((node) => ({ node, parent: null as string | null, branch: '', stem: '' }))
    .reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, parent, branch, stem } = next;
    rows.push({ branch, node, also: [...new Set(Object.values(node.inputs))].filter((from) => from !== parent) });
    const children = below.get(node.name) ?? [];
    children.toReversed().forEach((child, index) =>
      stack.push({
        node: child,
        parent: node.name,
        branch: `${stem}${index === 0 ? '└─ ' : '├─ '}`,
        stem: `${stem}${index === 0 ? '   ' : '│  '}`,
      }),
    );
  }
  return rows;
}

/** The graph in Mermaid's language, which many Markdown viewers draw. */
export function mermaidGraph(stages: Node[]): string {
  const ids = new Map(stages.map(({ name }, index) => [name, `s${index}`]));
  const nodes = stages.map(({ name, kind }) => `  ${ids.get(name)}["${name}<br/><i>${kind}</i>"]`);
  const edges = stages.flatMap(({ name, inputs }) =>
    Object.entries(inputs).map(
      ([port, from]) => `  ${ids.get(from)} -->|${port.replace(/[|"]/g, ' ')}| ${ids.get(name)}`,
    ),
  );
  return ['graph LR', ...nodes, ...edges].join('\n');
}
