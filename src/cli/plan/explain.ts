import { argumentsText } from '../../files/shell-word.ts';
import { calledAs } from '../../files/called-as.ts';
import type { Cause } from '../../pipeline/plan/causes.ts';
import { explainStage } from '../../pipeline/plan/explain.ts';
import type { Explanation } from '../../pipeline/plan/explain.ts';
import { planPipeline } from '../../pipeline/plan/plan.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { producersIn } from '../../store/producers.ts';
import type { FileChanges } from '../../store/sources/source-manifests.ts';
import { readEntry } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError } from '../verb.ts';
import { seconds } from '../screen/durations.ts';
import { loadPipeline } from '../load/load-pipeline.ts';
import type { LoadedPoint } from '../load/load-pipeline.ts';
import { causeLines, filesChangedBy } from '../screen/cause-words.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { jsonText } from '../screen/printable.ts';

interface Explained {
  point: LoadedPoint['pipeline']['point'];
  explanation: Explanation;
  tookSeconds: number | null;
}

interface ExplainArguments {
  file: string;
  stage: string;
  /** `path=value` */
  set: string[];
  json: boolean;
}

/** `runner explain FILE STAGE`: why a stage would run, with old → new for each cause, and which stages would follow. */
export async function printExplanation({ file, stage, set, json }: ExplainArguments): Promise<number> {
  const loaded = await loadPipeline(file, set);
  const names = loaded.points[0]?.pipeline.stages.map(({ name }) => name) ?? [];
  if (!names.includes(stage))
    throw new UsageError(`${file} has no stage "${stage}"; ${suggestion(stage, names, 'stages')}`);
  const makers = producersIn(loaded.store);
  const history = {
    makerOf: (artifact: string, kind: string) =>
      makers.get(artifact as never)?.findLast(({ preImage }) => preImage.kind === kind)?.preImage ?? null,
  };
  const explained = loaded.points.map(({ pipeline, facts }): Explained => ({
    point: pipeline.point,
    explanation: explainStage(stage, planPipeline(pipeline, facts), facts, history),
    tookSeconds: secondsLastTime(loaded.store, pipeline.name, stage),
  }));
  if (json) {
    const shown = explained.map(({ point, explanation, tookSeconds }) => ({
      ...(point ? { point: point.values } : {}),
      ...explanation,
      causes: explanation.causes.map((cause) => withFiles(cause, loaded.store)),
      tookSeconds,
    }));
    console.log(jsonText(loaded.parsed.swept ? { sweep: shown } : shown[0], 2));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  console.log(explanationTexts(explained, loaded.store, colours).join('\n\n'));
  const due = explained.some(({ explanation }) => explanation.verdict !== 'cached');
  console.log(`\nnext: ${calledAs()} ${due ? 'run' : 'plan'} ${argumentsText({ positionals: [file], sets: set })}`);
  return 0;
}

// ---------------------------------------------------------------------------

/** One text for each explanation. Points of a sweep with the same explanation share it, under all of their titles. */
function explanationTexts(explained: Explained[], store: Store, colours: Colours): string[] {
  const titlesByText = new Map<string, string[]>();
  for (const explainedPoint of explained) {
    const { point } = explainedPoint;
    const text = explanationText(explainedPoint, store, colours);
    titlesByText.set(text, [...(titlesByText.get(text) ?? []), ...(point ? [point.title] : [])]);
  }
  return [...titlesByText].map(([text, titles]) =>
    titles.length ? `${colours.bold(pointList(titles))}\n${text}` : text,
  );
}

function explanationText({ explanation, tookSeconds }: Explained, store: Store, colours: Colours): string {
  const { stage, kind, verdict, causes, readers } = explanation;
  const paint = { cached: colours.green, due: colours.yellow, waits: colours.dim }[verdict];
  const head = `${colours.bold(stage)}  ${kind}  ${paint(verdict)}`;
  if (verdict === 'cached') return `${head}\n  nothing that it reads has changed, so it would not run again`;
  const took = tookSeconds === null ? '' : ` (took ${seconds(tookSeconds)} last time)`;
  const then = readers.length ? `; if its result changes, also: ${stageList(readers)}` : '';
  return [head, ...causeLines(causes, store), colours.dim(`  would run: ${stage}${took}${then}`)].join('\n');
}

const POINTS_SHOWN = 6;
const STAGES_SHOWN = 8;

const pointList = (titles: string[]): string =>
  titles.length > POINTS_SHOWN
    ? `${titles.slice(0, POINTS_SHOWN).join(' | ')} … ${titles.length} points`
    : titles.join(' | ');

const stageList = (names: string[]): string =>
  names.length > STAGES_SHOWN
    ? `${names.slice(0, STAGES_SHOWN).join(', ')} … ${names.length} stages`
    : names.join(', ');

/** For `--json`: each changed source with its changed files. */
function withFiles(cause: Cause, store: Store): Cause & { files?: FileChanges | null } {
  if (cause.kind === 'input') return { ...cause, causes: cause.causes.map((inner) => withFiles(inner, store)) };
  if (cause.kind !== 'source' || !cause.before || !cause.after) return cause;
  return { ...cause, files: filesChangedBy(cause, store) };
}

/** How long the stage took when it last ran. */
function secondsLastTime(store: Store, pipeline: string, stage: string): number | null {
  const key = store.last.keysOf(pipeline).get(stage);
  return key ? (readEntry(store, key)?.seconds ?? null) : null;
}
