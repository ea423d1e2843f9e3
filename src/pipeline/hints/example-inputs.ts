import { nearest } from '../diagnostic/nearest.ts';
import type { Stage } from '../pipeline.ts';
import type { Kinds, StageContract } from '../stage-kind.ts';

export interface Graph {
  stages: Stage[];
  byName: Map<string, Stage>;
  /** names of all stages in the file */
  written: string[];
  /** the same as a set */
  names: Set<string>;
  kinds: Kinds;
}

export const outputType = ({ kind, params }: Pick<Stage, 'kind' | 'params'>, kinds: Kinds): string | undefined =>
  kinds[kind]?.output(params);

/**
 * `inputs: { checkpoint: model, held-out: tokens }`, to paste into the stage: what is given, and for each other port
 * that must not stay open the nearest stage that fits. `named` are stages that the person named without a port. Null if
 * no stage makes what a port takes.
 */
export function exampleInputs(
  stage: Stage,
  given: Record<string, string>,
  named: string[],
  graph: Graph,
): string | null {
  const { kinds, written } = graph;
  const { inputs: ports = {}, optionalInputs: optional = {} } = kinds[stage.kind] ?? {};
  const left = named.flatMap((name) => nearest(name, written) ?? []);
  const take = (type: string): string | undefined => {
    const index = left.findIndex((name) => makes(graph.byName.get(name), type, kinds));
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  const inputs: [port: string, from: string][] = Object.entries(given);
  for (const [port, type] of Object.entries(ports)) {
    if (port === '*' || Object.hasOwn(given, port)) continue;
    const from = take(type) ?? nearestStage(stage, type, graph);
    if (from === undefined) return null;
    inputs.push([port, from]);
  }
  const any = ports['*'] ?? optional['*'];
  if (any !== undefined) for (let from = take(any); from !== undefined; from = take(any)) inputs.push([from, from]);
  for (const [port, type] of Object.entries(optional)) {
    const from = port === '*' || Object.hasOwn(given, port) ? undefined : take(type);
    if (from !== undefined) inputs.push([port, from]);
  }
  if ('*' in ports && inputs.every(([port]) => Object.hasOwn(optional, port))) {
    const from = nearestStage(stage, ports['*'], graph);
    if (from === undefined) return null;
    inputs.push([from, from]);
  }
  return inputs.length === 0 ? null : `inputs: { ${inputs.map(([port, from]) => `${port}: ${from}`).join(', ')} }`;
}

/** What to do if no stage makes what a port takes: the kinds that make it. */
export function missingMaker(type: string, kinds: Kinds): string {
  const makers = Object.values(kinds).flatMap((kind) => (makesType(kind, type) ? [kind.kind] : []));
  return `no stage here makes ${nounFor(type)}${makers.length > 0 ? `; a stage of kind ${makers.join(' or ')} does` : ''}`;
}

/** A stage to put between one that makes `made` and one that takes `wanted`, to paste; null if no kind does that. */
export function bridge(from: string, made: string, wanted: string, { kinds, names }: Graph): string | null {
  for (const kind of Object.values(kinds)) {
    const [port, ...others] = Object.entries(kind.inputs);
    if (!port || others.length > 0 || port[0] === '*' || port[1] !== made || !makesType(kind, wanted)) continue;
    const name = names.has(wanted) ? `${from}-${wanted}` : wanted;
    return `${name}: { kind: ${kind.kind}, inputs: { ${port[0]}: ${from} } }`;
  }
  return null;
}

/** `a checkpoint`, `tokens` */
export const nounFor = (type: string): string => (type === 'checkpoint' || type === 'report' ? `a ${type}` : type);

// ---------------------------------------------------------------------------

const makes = (stage: Stage | undefined, type: string, kinds: Kinds): boolean =>
  stage !== undefined && (type === 'any' || outputType(stage, kinds) === type);

/** The last fitting stage above this one in the file, else the first one below it. */
function nearestStage(stage: Stage, type: string, { stages, kinds }: Graph): string | undefined {
  const at = stages.indexOf(stage);
  const fits = (other: Stage): boolean => other !== stage && makes(other, type, kinds);
  return (stages.slice(0, at).findLast(fits) ?? stages.slice(at).find(fits))?.name;
}

/** Whether stages of a kind make this type, whatever their params. */
function makesType(kind: StageContract, type: string): boolean {
  return kind.output({}) === type;
}
