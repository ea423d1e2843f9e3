import { planPipeline } from '../pipeline/plan.ts';
import type { PlannedStage } from '../pipeline/plan.ts';
import { readArguments } from './arguments.ts';
import { loadPipeline } from './load-pipeline.ts';
import type { LoadedFile, LoadedPoint } from './load-pipeline.ts';
import { planTable } from './plan-table.ts';
import { coloursFor } from './style.ts';

/** `runner plan FILE`: what would run, and why. Runs nothing. */
export async function planVerb(argv: string[]): Promise<number> {
  const { positionals, sets, json } = readArguments('plan', argv, ['set', 'json'], [1, 1]);
  const file = positionals[0] as string;
  const loaded = await loadPipeline(file, sets);
  const plans = loaded.points.map((point) => ({ point, plan: planWithSources(point, loaded) }));
  if (json) {
    const shown = plans.map(({ point, plan }) => planJson(point, plan));
    console.log(JSON.stringify(loaded.parsed.swept ? { sweep: shown } : shown[0], null, 2));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  for (const { point, plan } of plans) {
    console.log(`${colours.bold(point.pipeline.name)}${point.pipeline.point ? `  ${point.pipeline.point.title}` : ''}`);
    console.log(`${planTable(plan, colours)}\n`);
  }
  for (const missing of loaded.missingSources) {
    console.log(`${colours.yellow('missing')} ${missing.message} (${missing.file}:${missing.line}, stage ${missing.stage})`);
    if (missing.hint) console.log(colours.cyan(`  hint: ${missing.hint}`));
  }
  const due = plans.some(({ plan }) => plan.some(({ verdict }) => verdict !== 'cached'));
  if (loaded.missingSources.length === 0) console.log(due ? `next: ./runner run ${[file, ...sets.map((set) => `--set ${set}`)].join(' ')}` : 'nothing to do: every stage is cached');
  return 0;
}

/** A stage whose source is not there waits for it, whatever else is known. */
export function planWithSources(point: LoadedPoint, loaded: LoadedFile): PlannedStage[] {
  return planPipeline(point.pipeline, point.facts).map((planned) => {
    const missing = loaded.missingSources.filter(({ stage }) => stage === planned.stage.name);
    if (missing.length === 0) return planned;
    return { ...planned, verdict: 'waits', reasons: missing.map(({ message }) => `waits for its source: ${message}`), key: null, preImage: null, artifact: null };
  });
}

function planJson({ pipeline }: LoadedPoint, plan: PlannedStage[]): object {
  const stages = plan.map(({ stage, verdict, reasons }) => ({ name: stage.name, kind: stage.kind, verdict, reasons }));
  return { pipeline: pipeline.name, ...(pipeline.point ? { point: pipeline.point.values } : {}), stages };
}
