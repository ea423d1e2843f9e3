import type { PlannedStage } from '../../pipeline/plan/plan.ts';
import type { Colours } from './style.ts';

/** The plan as a table: stage, kind, verdict, and every reason on a line of its own. */
export function planTable(plan: PlannedStage[], colours: Colours): string {
  const name = widest(plan.map(({ stage }) => stage.name));
  const kind = widest(plan.map(({ stage }) => stage.kind));
  const paint = { cached: colours.green, due: colours.yellow, waits: colours.dim };
  return plan
    .map(({ stage, verdict, reasons }) => {
      const head = `  ${stage.name.padEnd(name)}  ${colours.dim(stage.kind.padEnd(kind))}  ${paint[verdict](verdict.padEnd(6))}`;
      const margin = ' '.repeat(2 + name + 2 + kind + 2 + 6 + 2);
      return [`${head}  ${reasons[0] ?? ''}`.trimEnd(), ...reasons.slice(1).map((reason) => margin + reason)].join(
        '\n',
      );
    })
    .join('\n');
}

const widest = (texts: string[]): number => Math.max(0, ...texts.map((text) => text.length));
