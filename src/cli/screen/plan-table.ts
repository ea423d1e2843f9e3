import { causesOf } from '../../pipeline/plan/causes.ts';
import type { Facts, PlannedStage } from '../../pipeline/plan/plan.ts';
import type { TrainingEstimate } from '../plan/training-estimate.ts';
import { planReasons } from './cause-words.ts';
import { estimateLines } from './estimate-words.ts';
import type { Colours } from './style.ts';

/** The plan as a table: stage, kind, verdict, each reason on its own line, and what a training will take. */
export function planTable(
  plan: PlannedStage[],
  facts: Facts,
  colours: Colours,
  estimates: ReadonlyMap<string, TrainingEstimate> = new Map(),
): string {
  const nameWidth = widest(plan.map(({ stage }) => stage.name));
  const kindWidth = widest(plan.map(({ stage }) => stage.kind));
  const paint = { cached: colours.green, due: colours.yellow, waits: colours.dim };
  const margin = ' '.repeat(2 + nameWidth + 2 + kindWidth + 2 + 6 + 2);
  const rows = plan.map((planned) => {
    const { stage, verdict } = planned;
    const [first = '', ...others] = planReasons(planned, causesOf(planned, facts));
    const head = `  ${stage.name.padEnd(nameWidth)}  ${colours.dim(stage.kind.padEnd(kindWidth))}  ${paint[verdict](verdict.padEnd(6))}`;
    const estimate = estimates.get(stage.name);
    const expected = estimate ? estimateLines(estimate).map((line) => margin + colours.dim(line)) : [];
    return [`${head}  ${first}`.trimEnd(), ...others.map((reason) => margin + reason), ...expected].join('\n');
  });
  return rows.join('\n');
}

const widest = (texts: string[]): number => Math.max(0, ...texts.map((text) => text.length));
