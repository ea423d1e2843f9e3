import type { Cause } from '../../pipeline/plan/causes.ts';
import { explainStage } from '../../pipeline/plan/explain.ts';
import type { Explanation } from '../../pipeline/plan/explain.ts';
import { planPipeline } from '../../pipeline/plan/plan.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import { makersIn } from '../../store/makers.ts';
import type { FileChanges } from '../../store/sources/source-manifests.ts';
import { readEntry } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError, readArguments } from '../verb.ts';
import { seconds } from '../screen/durations.ts';
import { loadPipeline } from '../load/load-pipeline.ts';
import type { LoadedPoint } from '../load/load-pipeline.ts';
import { causeLines, filesChangedBy } from '../screen/cause-words.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';

interface Explained {
  point: LoadedPoint['pipeline']['point'];
  explanation: Explanation;
  tookSeconds: number | null;
}

/** `runner explain FILE STAGE`: why it would run, old → new for each cause, and what it would redo. */
export async function explainVerb(argv: string[]): Promise<number> {
  const { positionals, sets, json } = readArguments(
    'explain',
    argv,
    ['set', 'json'],
    [2, 2, 'pipelines/quickstart.yaml model'],
  );
  const [file, stage] = positionals as [string, string];
  const loaded = await loadPipeline(file, sets);
  const names = loaded.points[0]?.pipeline.stages.map(({ name }) => name) ?? [];
  if (!names.includes(stage))
    throw new UsageError(`${file} has no stage "${stage}"; ${suggestion(stage, names, 'stages')}`);
  const makers = makersIn(loaded.store);
  const history = {
    makerOf: (artifact: string, kind: string) =>
      makers.get(artifact as never)?.findLast(({ preImage }) => preImage.kind === kind)?.preImage ?? null,
  };
  const explained = loaded.points.map((point): Explained => {
    const explanation = explainStage(stage, planPipeline(point.pipeline, point.facts), point.facts, history);
    return {
      point: point.pipeline.point,
      explanation,
      tookSeconds: tookLast(loaded.store, point.pipeline.name, stage),
    };
  });
  if (json) {
    const shown = explained.map(({ point, explanation, tookSeconds }) => ({
      ...(point ? { point: point.values } : {}),
      ...explanation,
      causes: explanation.causes.map((cause) => withFiles(cause, loaded.store)),
      tookSeconds,
    }));
    console.log(JSON.stringify(loaded.parsed.swept ? { sweep: shown } : shown[0], null, 2));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  console.log(texts(explained, loaded.store, colours).join('\n\n'));
  const arguments_ = [file, ...sets.map((set) => `--set ${set}`)].join(' ');
  const due = explained.some(({ explanation }) => explanation.verdict !== 'cached');
  console.log(`\nnext: ./runner ${due ? 'run' : 'plan'} ${arguments_}`);
  return 0;
}

// ---------------------------------------------------------------------------

/** Points of a sweep that say the same are told together. */
function texts(explained: Explained[], store: Store, colours: Colours): string[] {
  const alike = new Map<string, string[]>();
  for (const each of explained) {
    const text = textOf(each, store, colours);
    alike.set(text, [...(alike.get(text) ?? []), each.point?.title ?? '']);
  }
  return [...alike].map(([text, titles]) =>
    titles[0] === ''
      ? text
      : `${colours.bold(titles.length > 6 ? `${titles.slice(0, 6).join(' | ')} … ${titles.length} points` : titles.join(' | '))}\n${text}`,
  );
}

function textOf({ explanation, tookSeconds }: Explained, store: Store, colours: Colours): string {
  const { stage, kind, verdict, causes, readers } = explanation;
  const paint = { cached: colours.green, due: colours.yellow, waits: colours.dim }[verdict];
  const head = `${colours.bold(stage)}  ${kind}  ${paint(verdict)}`;
  if (verdict === 'cached') return `${head}\n  all that it reads is as it was: nothing would be redone`;
  const took = tookSeconds === null ? '' : ` (took ${seconds(tookSeconds)} last time)`;
  const then = readers.length ? `, and if its result becomes another: ${listed(readers)}` : '';
  return [head, ...causeLines(causes, store), colours.dim(`  would redo: ${stage}${took}${then}`)].join('\n');
}

function withFiles(cause: Cause, store: Store): Cause & { files?: FileChanges | null } {
  if (cause.kind === 'input') return { ...cause, causes: cause.causes.map((inner) => withFiles(inner, store)) };
  if (cause.kind !== 'source' || !cause.before || !cause.after) return cause;
  return { ...cause, files: filesChangedBy(cause, store) };
}

function tookLast(store: Store, pipeline: string, stage: string): number | null {
  const key = store.last.of(pipeline).get(stage);
  return key ? (readEntry(store, key)?.seconds ?? null) : null;
}

const listed = (names: string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} … ${names.length} stages` : names.join(', ');
