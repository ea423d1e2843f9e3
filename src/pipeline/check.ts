import type { Kinds } from './stage-kind.ts';
import { suggestion } from './diagnostic/nearest.ts';
import { cycleIn } from './order.ts';
import type { Stage } from './pipeline.ts';
import type { Problem } from './schema/check.ts';

/**
 * Checks the edges: every input names a stage and a port of the kind, and has the right type; no required port is left
 * open; there are no cycles. `written` holds the names of all stages in the file, `stages` those that could be read.
 */
export function checkGraph(stages: Stage[], written: string[], kinds: Kinds, problems: Problem[]): void {
  const graph: Graph = {
    stages,
    byName: new Map(stages.map((stage) => [stage.name, stage])),
    written,
    names: new Set(written),
    kinds,
  };
  for (const stage of stages) {
    for (const [port, from] of Object.entries(stage.inputs)) {
      const problem = inputProblem(stage, port, from, graph);
      if (problem) problems.push({ path: ['stages', stage.name, 'inputs', port], ...problem });
    }
    problems.push(...openPortProblems(stage, kinds));
  }
  checkCase(written, problems);
  const cycle = cycleIn(stages);
  if (cycle) problems.push(cycleProblem(cycle, graph));
}

// ---------------------------------------------------------------------------

interface Graph {
  stages: Stage[];
  byName: Map<string, Stage>;
  written: string[];
  /** the same as a set */
  names: Set<string>;
  kinds: Kinds;
}

const outputType = ({ kind, params }: Stage, kinds: Kinds): string | undefined => kinds[kind]?.output(params);

/** What is wrong with one input, or null. */
function inputProblem(stage: Stage, port: string, from: string, graph: Graph): Omit<Problem, 'path'> | null {
  const { stages, byName, written, names, kinds } = graph;
  const { inputs: ports = {}, optionalInputs: optional = {} } = kinds[stage.kind] ?? {};
  const wanted = ports[port] ?? optional[port] ?? ports['*'] ?? optional['*'];
  if (wanted === undefined)
    return {
      target: 'key',
      message: `stages of kind ${stage.kind} have no input "${port}"`,
      hint: () => suggestion(port, Object.keys({ ...ports, ...optional }), 'known inputs'),
    };
  if (!names.has(from))
    return { target: 'value', message: `no stage "${from}"`, hint: () => suggestion(from, written, 'stages') };
  const source = byName.get(from);
  const made = source ? outputType(source, kinds) : wanted;
  if (made === undefined || made === wanted || wanted === 'any') return null;
  return {
    target: 'value',
    message: `"${from}" makes ${nounFor(made)}, but "${port}" takes ${nounFor(wanted)}`,
    hint: () =>
      fittingHint(
        stages.filter((other) => outputType(other, kinds) === wanted),
        wanted,
      ),
  };
}

function openPortProblems({ name, kind, inputs }: Stage, kinds: Kinds): Problem[] {
  const { inputs: ports = {}, optionalInputs: optional = {} } = kinds[kind] ?? {};
  const open = Object.keys(ports).filter((port) => port !== '*' && !Object.hasOwn(inputs, port));
  const problems = open.map((port): Problem => ({
    path: ['stages', name],
    target: 'key',
    message: `input "${port}" is missing`,
    hint: `inputs: { ${port}: ${providerText(ports[port]!)} }`,
  }));
  if ('*' in ports && Object.keys(inputs).every((port) => Object.hasOwn(optional, port)))
    problems.push({
      path: ['stages', name],
      target: 'key',
      message: 'no inputs',
      hint: `inputs: { any name: ${providerText(ports['*'])} }`,
    });
  return problems;
}

/** A stage's result is in a folder of its name, so names must differ on file systems that ignore case, too. */
function checkCase(written: string[], problems: Problem[]): void {
  const seen = new Map<string, string>();
  for (const name of written) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      problems.push({
        path: ['stages', name],
        target: 'key',
        message: `"${other}" and "${name}" would share a folder where file names ignore case`,
        hint: 'rename one of them',
      });
    seen.set(name.toLowerCase(), name);
  }
}

/** Names the stages in the direction of the data, starting with the first one in the file. */
function cycleProblem(cycle: string[], { byName, written }: Graph): Problem {
  const indexes = new Map(written.map((name, index) => [name, index]));
  const first = cycle.reduce((best, name) => ((indexes.get(name) ?? 0) < (indexes.get(best) ?? 0) ? name : best));
  const start = cycle.indexOf(first);
  const named = [...cycle.slice(start), ...cycle.slice(0, start), first];
  const from = named.at(-2);
  const port = Object.entries(byName.get(first)?.inputs ?? {}).find(([, input]) => input === from)?.[0] ?? '';
  const shown = named.length > 12 ? [...named.slice(0, 6), `${named.length - 10} more`, ...named.slice(-4)] : named;
  return {
    path: ['stages', first, 'inputs', port],
    target: 'value',
    message: `stages wait for each other: ${shown.join(' → ')}`,
    hint: 'one of these inputs must come from somewhere else',
  };
}

/** `a checkpoint`, `tokens` */
const nounFor = (type: string): string => (type === 'checkpoint' || type === 'report' ? `a ${type}` : type);

const providerText = (type: string): string => (type === 'any' ? 'any stage' : `a stage that makes ${nounFor(type)}`);

function fittingHint(fitting: Stage[], wanted: string): string {
  return fitting.length
    ? suggestion(
        '',
        fitting.map(({ name }) => name),
        `stages that make ${nounFor(wanted)}`,
      )
    : `no stage here makes ${nounFor(wanted)}`;
}
