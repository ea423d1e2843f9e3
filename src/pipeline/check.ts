import type { Kinds } from './kind.ts';
import { suggestion } from './nearest.ts';
import { cycleIn } from './order.ts';
import type { Stage } from './pipeline.ts';
import type { Finding } from './schema-check.ts';

/** Edges: every input names a stage, goes into a port that the kind has, carries the right type; no port is left open; no cycles. */
export function checkGraph(stages: Stage[], written: string[], kinds: Kinds, findings: Finding[]): void {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  for (const stage of stages) {
    const ports = kinds[stage.kind]?.inputs ?? {};
    const optional = kinds[stage.kind]?.optionalInputs ?? {};
    for (const [port, from] of Object.entries(stage.inputs)) {
      const path = ['stages', stage.name, 'inputs', port];
      const wanted = ports[port] ?? optional[port] ?? ports['*'];
      if (wanted === undefined) {
        findings.push({ path, of: 'key', message: `a ${stage.kind} stage has no input "${port}"`, hint: suggestion(port, Object.keys({ ...ports, ...optional }), 'inputs') });
        continue;
      }
      if (!written.includes(from)) {
        findings.push({ path, of: 'value', message: `no stage "${from}"`, hint: suggestion(String(from), written, 'stages') });
        continue;
      }
      const source = byName.get(from);
      const made = source ? kinds[source.kind]?.output : wanted;
      if (made !== wanted) {
        const fitting = stages.filter((each) => kinds[each.kind]?.output === wanted).map((each) => each.name);
        findings.push({ path, of: 'value', message: `"${from}" makes ${made}, but "${port}" takes ${wanted}`, hint: fitting.length ? `stages that make ${wanted}: ${fitting.join(', ')}` : `no stage here makes ${wanted}` });
      }
    }
    const open = Object.keys(ports).filter((port) => port !== '*' && !Object.hasOwn(stage.inputs, port));
    for (const port of open) findings.push({ path: ['stages', stage.name], of: 'key', message: `input "${port}" is missing`, hint: `inputs: { ${port}: a stage that makes ${ports[port]} }` });
    if ('*' in ports && Object.keys(stage.inputs).every((port) => Object.hasOwn(optional, port))) findings.push({ path: ['stages', stage.name], of: 'key', message: 'no inputs', hint: `inputs: { a name of yours: a stage that makes ${ports['*']} }` });
  }
  const cycle = cycleIn(stages);
  if (cycle) findings.push({ path: ['stages', cycle[0] ?? '', 'inputs'], of: 'key', message: `stages wait for each other: ${[...cycle, cycle[0]].join(' → ')}` });
}
