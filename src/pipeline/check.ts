import { bridge, exampleInputs, missingMaker, nounFor, outputType } from './hints/example-inputs.ts';
import type { Graph } from './hints/example-inputs.ts';
import type { Kinds } from './stage-kind.ts';
import { nearest, suggestion } from './diagnostic/nearest.ts';
import { cycleIn } from './order.ts';
import type { Stage } from './pipeline.ts';
import type { Problem } from './schema/check.ts';
import { valueText } from './schema/value-words.ts';
import { isObject } from './yaml/tree.ts';
import type { Json } from './yaml/tree.ts';

/** A stage whose inputs are as they were written: not yet known to be a mapping. */
export type ReadStage = Omit<Stage, 'inputs'> & { inputs: Json };

/**
 * Checks the edges: every input names a stage and a port of the kind, and has the right type; no required port is left
 * open; there are no cycles. `written` holds the names of all stages in the file, `read` those that could be read.
 */
export function checkGraph(read: ReadStage[], written: string[], kinds: Kinds, problems: Problem[]): void {
  const stages = read.map((stage): Stage => ({ ...stage, inputs: mappingOr(stage.inputs) }));
  const graph: Graph = {
    stages,
    byName: new Map(stages.map((stage) => [stage.name, stage])),
    written,
    names: new Set(written),
    kinds,
  };
  for (const [index, stage] of stages.entries()) {
    const { inputs } = read[index]!;
    if (!isObject(inputs)) {
      problems.push(noMappingProblem(stage, inputs, graph));
      continue;
    }
    for (const [port, from] of Object.entries(stage.inputs)) {
      const problem = typeof inputs[port] === 'string' ? inputProblem(stage, port, from, graph) : null;
      if (problem) problems.push({ path: ['stages', stage.name, 'inputs', port], ...problem });
    }
    problems.push(...openPortProblems(stage, graph));
  }
  checkCase(written, problems);
  const cycle = cycleIn(stages);
  if (cycle) problems.push(cycleProblem(cycle, graph));
}

// ---------------------------------------------------------------------------

/** What is not the name of a stage is reported by the schema. */
const mappingOr = (inputs: Json): Record<string, string> =>
  isObject(inputs)
    ? Object.fromEntries(Object.entries(inputs).map(([port, from]) => [port, typeof from === 'string' ? from : '']))
    : {};

/** `inputs: tokens` and `inputs: [tokens]`: the ports are not named. */
function noMappingProblem(stage: Stage, inputs: Json, graph: Graph): Problem {
  const named = (Array.isArray(inputs) ? inputs : [inputs]).flatMap((name) => (typeof name === 'string' ? [name] : []));
  const { inputs: ports = {}, optionalInputs: optional = {} } = graph.kinds[stage.kind] ?? {};
  return {
    path: ['stages', stage.name, 'inputs'],
    target: 'value',
    message: `expected a mapping from each input to a stage, found ${valueText(inputs)}`,
    hint: () =>
      Object.keys({ ...ports, ...optional }).length === 0
        ? `stages of kind ${stage.kind} have no inputs: remove this line`
        : (exampleInputs(stage, {}, named, graph) ?? noMaker(ports, graph)),
  };
}

/** Names the first port that no stage of the file can feed. */
function noMaker(ports: Record<string, string>, { stages, kinds }: Graph): string {
  const type = Object.values(ports).find(
    (wanted) => wanted !== 'any' && !stages.some((stage) => outputType(stage, kinds) === wanted),
  );
  return type === undefined ? 'name the stages whose results it reads' : missingMaker(type, kinds);
}

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
        { from, made, wanted },
        graph,
      ),
  };
}

function openPortProblems(stage: Stage, graph: Graph): Problem[] {
  const { name, kind, inputs } = stage;
  const { inputs: ports = {}, optionalInputs: optional = {} } = graph.kinds[kind] ?? {};
  const known = Object.keys({ ...ports, ...optional });
  const given = Object.keys(inputs);
  // a misspelled port is reported as such
  const meant = new Set(given.flatMap((port) => (known.includes(port) ? [] : (nearest(port, known) ?? []))));
  const open = Object.keys(ports).filter((port) => port !== '*' && !given.includes(port) && !meant.has(port));
  const right = Object.fromEntries(Object.entries(inputs).filter(([port]) => known.includes(port) || '*' in ports));
  const hint = () => exampleInputs(stage, right, [], graph) ?? noMaker(ports, graph);
  const problems = open.map((port): Problem => ({
    path: ['stages', name],
    target: 'key',
    message: `input "${port}" is missing`,
    hint,
  }));
  if ('*' in ports && given.every((port) => Object.hasOwn(optional, port)))
    problems.push({ path: ['stages', name], target: 'key', message: 'no inputs', hint });
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

function fittingHint(
  fitting: Stage[],
  { from, made, wanted }: { from: string; made: string; wanted: string },
  graph: Graph,
): string {
  if (fitting.length > 0)
    return suggestion(
      '',
      fitting.map(({ name }) => name),
      `stages that make ${nounFor(wanted)}`,
    );
  const between = bridge(from, made, wanted, graph);
  return between === null ? missingMaker(wanted, graph.kinds) : `put a stage between them and name it here: ${between}`;
}
