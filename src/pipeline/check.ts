import type { Kinds } from './stage-kind.ts';
import { suggestion } from './diagnostic/nearest.ts';
import { cycleIn } from './order.ts';
import type { Stage } from './pipeline.ts';
import type { Finding } from './schema/check.ts';

/**
 * Edges: every input names a stage, goes into a port that the kind has, carries the right type; no port is left open;
 * no cycles.
 */
export function checkGraph(stages: Stage[], written: string[], kinds: Kinds, findings: Finding[]): void {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  const names = new Set(written);
  const makes = ({ kind, params }: Stage): string | undefined => kinds[kind]?.output(params);
  for (const stage of stages) {
    const ports = kinds[stage.kind]?.inputs ?? {};
    const optional = kinds[stage.kind]?.optionalInputs ?? {};
    for (const [port, from] of Object.entries(stage.inputs)) {
      const path = ['stages', stage.name, 'inputs', port];
      const wanted = ports[port] ?? optional[port] ?? ports['*'] ?? optional['*'];
      if (wanted === undefined) {
        findings.push({
          path,
          of: 'key',
          message: `a ${stage.kind} stage has no input "${port}"`,
          hint: () => suggestion(port, Object.keys({ ...ports, ...optional }), 'inputs'),
        });
        continue;
      }
      if (!names.has(from)) {
        findings.push({
          path,
          of: 'value',
          message: `no stage "${from}"`,
          hint: () => suggestion(from, written, 'stages'),
        });
        continue;
      }
      const source = byName.get(from);
      const made = source ? makes(source) : wanted;
      if (made !== wanted && wanted !== 'any') {
        findings.push({
          path,
          of: 'value',
          message: `"${from}" makes ${made}, but "${port}" takes ${wanted}`,
          hint: () =>
            fittingHint(
              stages.filter((each) => makes(each) === wanted),
              wanted,
            ),
        });
      }
    }
    const open = Object.keys(ports).filter((port) => port !== '*' && !Object.hasOwn(stage.inputs, port));
    for (const port of open)
      findings.push({
        path: ['stages', stage.name],
        of: 'key',
        message: `input "${port}" is missing`,
        hint: `inputs: { ${port}: a stage that makes ${ports[port]} }`,
      });
    if ('*' in ports && Object.keys(stage.inputs).every((port) => Object.hasOwn(optional, port)))
      findings.push({
        path: ['stages', stage.name],
        of: 'key',
        message: 'no inputs',
        hint: `inputs: { a name of yours: a stage that makes ${ports['*']} }`,
      });
  }
  checkCase(written, findings);
  const cycle = cycleIn(stages);
  if (cycle) findings.push(cycleFinding(cycle, byName, written));
}

// ---------------------------------------------------------------------------

/** Each stage's result lies in a folder of its name: two such names would be one on disks that do not tell case apart. */
function checkCase(written: string[], findings: Finding[]): void {
  const seen = new Map<string, string>();
  for (const name of written) {
    const other = seen.get(name.toLowerCase());
    if (other !== undefined)
      findings.push({
        path: ['stages', name],
        of: 'key',
        message: `"${other}" and "${name}" would write into one folder where disks do not tell capitals apart`,
        hint: 'give one of them another name',
      });
    seen.set(name.toLowerCase(), name);
  }
}

/** As data would flow, beginning with the stage that stands first in the file. */
function cycleFinding(cycle: string[], byName: Map<string, Stage>, written: string[]): Finding {
  const place = new Map(written.map((name, index) => [name, index]));
  const first = cycle.reduce((best, name) => ((place.get(name) ?? 0) < (place.get(best) ?? 0) ? name : best));
  const start = cycle.indexOf(first);
  const named = [...cycle.slice(start), ...cycle.slice(0, start), first];
  const from = named.at(-2);
  const port = Object.entries(byName.get(first)?.inputs ?? {}).find(([, each]) => each === from)?.[0] ?? '';
  const shown = named.length > 12 ? [...named.slice(0, 6), `${named.length - 10} more`, ...named.slice(-4)] : named;
  return {
    path: ['stages', first, 'inputs', port],
    of: 'value',
    message: `stages wait for each other: ${shown.join(' → ')}`,
    hint: 'one of these inputs must come from somewhere else',
  };
}

function fittingHint(fitting: Stage[], wanted: string): string {
  return fitting.length
    ? suggestion(
        '',
        fitting.map(({ name }) => name),
        `stages that make ${wanted}`,
      )
    : `no stage here makes ${wanted}`;
}
