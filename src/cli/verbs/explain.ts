import { explainStage } from '../../pipeline/plan/explain.ts';
import type { Cause, Explanation } from '../../pipeline/plan/explain.ts';
import { suggestion } from '../../pipeline/diagnostic/nearest.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { makersIn } from '../../store/makers.ts';
import { changedFiles } from '../../store/sources/source-manifests.ts';
import type { FileChanges } from '../../store/sources/source-manifests.ts';
import { readEntry, statsDir } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { UsageError, readArguments } from '../verb.ts';
import { seconds } from '../screen/durations.ts';
import { loadPipeline } from '../load/load-pipeline.ts';
import type { LoadedPoint } from '../load/load-pipeline.ts';
import { planWithSources } from './plan.ts';
import { short } from '../screen/shown-values.ts';
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
    const explanation = explainStage(stage, planWithSources(point, loaded), point.facts, history);
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

/**
 * The causes of one stage as a person reads them, a line each, those of its inputs further in and behind that stage's
 * name.
 */
export function causeLines(causes: Cause[], store: Store | null, indent = '  ', stage: string | null = null): string[] {
  return causes.flatMap((cause) => {
    const [head = '', ...rest] = linesOf(cause, store);
    const inner =
      cause.kind === 'input' && cause.causes.length ? causeLines(cause.causes, store, `${indent}  `, cause.from) : [];
    return [
      `${indent}${stage === null ? '' : `${stage}: `}${head}`,
      ...rest.map((line) => `${indent}  ${line}`),
      ...inner,
    ];
  });
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

function linesOf(cause: Cause, store: Store | null): string[] {
  switch (cause.kind) {
    case 'never-ran':
      return ['has not run yet'];
    case 'result-gone':
      return ['nothing changed, but its result is not in the store any more'];
    case 'unfinished':
      return ['an unfinished attempt is there to go on from'];
    case 'missing-source':
      return [cause.message];
    case 'kind':
      return [`kind: ${cause.before} → ${cause.after}`];
    case 'version':
      return [`version of what a stage of its kind does: ${cause.before} → ${cause.after}`];
    case 'param':
      return [`params.${cause.path}: ${value(cause.before)} → ${value(cause.after)}`];
    case 'environment':
      return [`environment.${cause.name}: ${value(cause.before)} → ${value(cause.after)}`];
    case 'source':
      return [
        `content of ${cause.param}: ${short(cause.before)} → ${short(cause.after)}`,
        ...fileLines(
          store && cause.before && cause.after ? changedFiles(statsDir(store), cause.before, cause.after) : null,
        ),
      ];
    case 'input': {
      const { from } = cause;
      if (cause.after === null)
        return [
          cause.before === undefined
            ? `input ${cause.port}: ${from} has no result yet`
            : `input ${cause.port}: ${short(cause.before)} → what ${from} will make (the same bytes: nothing is redone)`,
        ];
      return [
        `input ${cause.port}${from === null ? '' : `, from ${from}`}: ${short(cause.before)} → ${short(cause.after)}`,
      ];
    }
  }
}

const FILES_SHOWN = 5;

function fileLines(changes: FileChanges | null): string[] {
  if (!changes) return [];
  return (['changed', 'added', 'removed'] as const).flatMap((what) => {
    const files = changes[what];
    const more = files.length - FILES_SHOWN;
    return files.length
      ? [
          `${what}: ${files.slice(0, FILES_SHOWN).join(', ')}${more > 0 ? ` … and ${more.toLocaleString('en-US')} more` : ''}`,
        ]
      : [];
  });
}

function withFiles(cause: Cause, store: Store): Cause & { files?: FileChanges | null } {
  if (cause.kind === 'input') return { ...cause, causes: cause.causes.map((each) => withFiles(each, store)) };
  if (cause.kind !== 'source' || !cause.before || !cause.after) return cause;
  return { ...cause, files: changedFiles(statsDir(store), cause.before, cause.after) };
}

function tookLast(store: Store, pipeline: string, stage: string): number | null {
  const key = store.last.of(pipeline).get(stage);
  return key ? (readEntry(store, key)?.seconds ?? null) : null;
}

const listed = (names: string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')} … ${names.length} stages` : names.join(', ');

function value(json: Json | undefined): string {
  if (json === undefined) return 'nothing';
  const text = JSON.stringify(json);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
