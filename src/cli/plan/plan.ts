import { calledAs } from '../../files/called-as.ts';
import { counted } from '../../numbers/counted.ts';
import { causesOf } from '../../pipeline/plan/causes.ts';
import { planPipeline } from '../../pipeline/plan/plan.ts';
import type { PlannedStage } from '../../pipeline/plan/plan.ts';
import type { Store } from '../../store/store.ts';
import { loadPipeline } from '../load/load-pipeline.ts';
import type { LoadedPoint } from '../load/load-pipeline.ts';
import { givenPipeline } from '../project/given-pipeline.ts';
import { onlyStages } from '../load/only-stages.ts';
import { planReasons } from '../screen/cause-words.ts';
import { planTable } from '../screen/plan-table.ts';
import { argumentsText } from '../../files/shell-word.ts';
import { coloursFor } from '../screen/style.ts';
import { jsonText } from '../screen/printable.ts';
import type { TrainingEstimate } from './training-estimate.ts';

interface PlanArguments {
  /** null: that of the project */
  file: string | null;
  stages: string[];
  /** `path=value` */
  set: string[];
  json: boolean;
}

/** `runner plan FILE [STAGE…]`: what would run, and why. Runs nothing. */
export async function printPlan({ file: given, stages, set, json }: PlanArguments): Promise<number> {
  const file = givenPipeline(given, 'plan FILE [STAGE…]');
  const loaded = onlyStages(await loadPipeline(file, set), stages);
  const plans = loaded.points.map((point) => ({ point, plan: planPipeline(point.pipeline, point.facts) }));
  const estimatesOf = await estimator(plans, loaded.store);
  if (json) {
    const shown = plans.map(({ point, plan }) => planJson(point, plan, estimatesOf(point, plan)));
    console.log(jsonText(loaded.parsed.swept ? { sweep: shown } : shown[0], 2));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  for (const { point, plan } of plans.slice(0, POINTS_SHOWN)) {
    console.log(`${colours.bold(point.pipeline.name)}${point.pipeline.point ? `  ${point.pipeline.point.title}` : ''}`);
    console.log(`${planTable(plan, point.facts, colours, estimatesOf(point, plan))}\n`);
  }
  if (plans.length > POINTS_SHOWN)
    console.log(
      `… and ${counted(plans.length - POINTS_SHOWN, 'more point')}; all ${counted(plans.length, 'point')} together: ${verdictCounts(plans.map(({ plan }) => plan))}\n`,
    );
  for (const missing of loaded.missingSources) {
    console.log(
      `${colours.yellow('cannot run')} ${missing.stage}: ${missing.message} (${missing.file}:${missing.line})`,
    );
    if (missing.hint) console.log(colours.cyan(`  hint: ${missing.hint}`));
  }
  const due = plans.some(({ plan }) => plan.some(({ verdict }) => verdict !== 'cached'));
  if (loaded.missingSources.length === 0)
    console.log(
      due
        ? `next: ${calledAs()} run ${argumentsText({ positionals: [file, ...stages], sets: set })}`
        : 'nothing to do: every stage is cached',
    );
  return 0;
}

/** The rest of a larger sweep is only counted; `--json` has all points. */
const POINTS_SHOWN = 10;

function verdictCounts(plans: PlannedStage[][]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of plans.flat()) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return ['cached', 'due', 'waits']
    .flatMap((verdict) =>
      counts.has(verdict)
        ? [`${counted(counts.get(verdict)!, 'stage')} ${verdict === 'waits' ? 'waiting' : verdict}`]
        : [],
    )
    .join(', ');
}

type EstimatesOf = (point: LoadedPoint, plan: PlannedStage[]) => ReadonlyMap<string, TrainingEstimate>;

/** What the trainings that are due will take. The code that estimates it is loaded only if there are any. */
async function estimator(plans: { plan: PlannedStage[] }[], store: Store): Promise<EstimatesOf> {
  const isDueTraining = ({ stage, verdict }: PlannedStage): boolean => stage.kind === 'train' && verdict !== 'cached';
  if (!plans.some(({ plan }) => plan.some(isDueTraining))) return () => new Map();
  const { estimateTraining } = await import('./training-estimate.ts');
  return ({ facts }, plan) =>
    new Map(
      plan.filter(isDueTraining).flatMap((planned) => {
        const estimate = estimateTraining(planned, facts, store);
        return estimate ? [[planned.stage.name, estimate]] : [];
      }),
    );
}

function planJson({ pipeline, facts }: LoadedPoint, plan: PlannedStage[], estimates: ReturnType<EstimatesOf>): object {
  const stages = plan.map((planned) => ({
    name: planned.stage.name,
    kind: planned.stage.kind,
    verdict: planned.verdict,
    reasons: planReasons(planned, causesOf(planned, facts)),
    ...estimateJson(estimates.get(planned.stage.name)),
  }));
  return { pipeline: pipeline.name, ...(pipeline.point ? { point: pipeline.point.values } : {}), stages };
}

function estimateJson(estimate: TrainingEstimate | undefined): object {
  if (estimate === undefined) return {};
  const { basedOn, tokens, passes, memoryBytes, seconds } = estimate;
  const { tokensPerSecond, timeMs } = basedOn ?? {};
  return {
    estimate: {
      tokens,
      passes,
      memoryBytes: memoryBytes && Math.round(memoryBytes),
      seconds: seconds && Math.round(seconds),
      basedOn: timeMs === undefined ? null : { tokensPerSecond, measured: new Date(timeMs).toISOString() },
    },
  };
}
