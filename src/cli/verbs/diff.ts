import { join } from 'node:path';
import { changesBetween } from '../../pipeline/plan/causes.ts';
import type { Cause } from '../../pipeline/plan/causes.ts';
import type { Key } from '../../pipeline/plan/key.ts';
import { openStore, readPreImage } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { readArguments } from '../verb.ts';
import { causeLines } from '../screen/cause-words.ts';
import { findRun } from '../find/find-run.ts';
import { runsDirectory } from '../runs-directory.ts';
import { metricSummaries } from '../../history/metric-summary.ts';
import { readRun, samplesOf } from '../../history/read-run.ts';
import type { RunStory } from '../../history/read-run.ts';
import { figure, short } from '../screen/shown-values.ts';
import { coloursFor } from '../screen/style.ts';
import type { Colours } from '../screen/style.ts';
import { padded, textTable, widthOf, wrapped } from '../screen/text-table.ts';

const SAMPLES_SHOWN = 3;

interface Difference {
  params: Record<string, [string | null, string | null]>;
  /** by stage: what else it read otherwise, and whether its result is another */
  stages: Record<string, { causes: Cause[]; artifacts: [string | null, string | null] }>;
  metrics: Record<string, { best: [number | null, number | null]; last: [number | null, number | null] }>;
  samples: { prompt: string; texts: [string | null, string | null] }[];
}

/** `runner diff RUN RUN`: what two runs read, made and measured otherwise. */
export async function diffVerb(argv: string[]): Promise<number> {
  const { positionals, json } = readArguments('diff', argv, ['json'], [2, 2, 'sweep-lr-c33d latest']);
  const runsDir = runsDirectory();
  const stories = positionals.map((named) => readRun(findRun(runsDir, named))) as [RunStory, RunStory];
  const store = openStore(join(runsDir, 'store'));
  const difference = differenceOf(stories, store);
  if (json) {
    console.log(JSON.stringify({ runs: stories.map(({ run }) => run), ...difference }, null, 2));
    return 0;
  }
  const colours = coloursFor(process.stdout);
  const width = widthOf(process.stdout);
  console.log(
    [
      ...paramLines(stories, difference, colours, width),
      ...stageLines(difference, store, colours),
      ...metricLines(difference, colours, width),
      ...sampleLines(difference, colours, width),
    ].join('\n'),
  );
  console.log(`\nnext: ./runner compare ${stories.map(({ run }) => run).join(' ')} --html compare.html`);
  return 0;
}

// ---------------------------------------------------------------------------

function differenceOf([a, b]: [RunStory, RunStory], store: Store): Difference {
  const params = names(a.params, b.params).filter((name) => a.params[name] !== b.params[name]);
  const metrics = [metricSummaries(a), metricSummaries(b)].map(
    (list) => new Map(list.map((each) => [each.name, each])),
  );
  const metricNames = [...new Set(metrics.flatMap((map) => [...map.keys()]))];
  const pair = <T>(pick: (side: number) => T | undefined | null): [T | null, T | null] => [
    pick(0) ?? null,
    pick(1) ?? null,
  ];
  return {
    params: Object.fromEntries(params.map((name) => [name, [a.params[name] ?? null, b.params[name] ?? null]])),
    stages: stageDifferences(a, b, store),
    metrics: Object.fromEntries(
      metricNames.map((name) => [
        name,
        {
          best: pair((side) => metrics[side]?.get(name)?.best?.value),
          last: pair((side) => metrics[side]?.get(name)?.last.value),
        },
      ]),
    ),
    samples: samplePairs(a, b),
  };
}

/** By name of the stage. Params are told apart from the rest, so they are left out here. */
function stageDifferences(a: RunStory, b: RunStory, store: Store): Difference['stages'] {
  const stagesOf = (story: RunStory) => Object.fromEntries(story.stages.map((stage) => [stage.name, stage]));
  const [left, right] = [stagesOf(a), stagesOf(b)];
  const found = names(left, right).map((name) => {
    const [before, after] = [left[name], right[name]].map((stage) =>
      stage?.key ? readPreImage(store, stage.key as Key) : null,
    );
    const causes = before && after ? changesBetween(before, after).filter(({ kind }) => kind !== 'param') : [];
    return [
      name,
      {
        causes,
        artifacts: [left[name]?.artifact ?? null, right[name]?.artifact ?? null] as [string | null, string | null],
      },
    ] as const;
  });
  return Object.fromEntries(
    found.filter(([, { causes, artifacts }]) => causes.length > 0 || artifacts[0] !== artifacts[1]),
  );
}

/** The first sample of each prompt of one run beside that of the other. */
function samplePairs(a: RunStory, b: RunStory): Difference['samples'] {
  const [left, right] = [a, b].map((story) => {
    const first = new Map<string, string>();
    for (const { prompt, text } of samplesOf(story)) if (!first.has(prompt)) first.set(prompt, text);
    return first;
  }) as [Map<string, string>, Map<string, string>];
  return [...new Set([...left.keys(), ...right.keys()])].map((prompt) => ({
    prompt,
    texts: [left.get(prompt) ?? null, right.get(prompt) ?? null],
  }));
}

const names = (a: object, b: object): string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])];

// --- what a person sees ----------------------------------------------------

function paramLines([a, b]: [RunStory, RunStory], { params }: Difference, colours: Colours, width: number): string[] {
  const heads = [
    { head: '  param', shrinks: true },
    { head: a.run, shrinks: true },
    { head: b.run, shrinks: true },
  ];
  const rows = Object.entries(params).map(([name, [left, right]]) => [`  ${name}`, left ?? '–', right ?? '–']);
  if (rows.length === 0) return [`${colours.bold(a.run)} and ${colours.bold(b.run)}: the same params`];
  return textTable(heads, rows, { width, paint: (line, row) => (row === null ? colours.bold(line) : line) });
}

function stageLines({ stages }: Difference, store: Store, colours: Colours): string[] {
  const lines = Object.entries(stages).flatMap(([name, { causes, artifacts }]) => {
    const result =
      artifacts[0] === artifacts[1] ? 'the same result' : `${short(artifacts[0])} → ${short(artifacts[1])}`;
    return [`  ${name}: ${result}`, ...causeLines(causes, store, '    ')];
  });
  return lines.length
    ? ['', colours.bold('inputs, sources and environment; results'), ...lines]
    : ['', 'every stage of both has the same result'];
}

function metricLines({ metrics }: Difference, colours: Colours, width: number): string[] {
  const heads = [
    { head: '  metric', shrinks: true },
    { head: 'best', right: true },
    { head: 'best', right: true },
    { head: 'last', right: true },
    { head: 'last', right: true },
    { head: 'last, 2nd – 1st', right: true },
  ];
  const shown = (value: number | null): string => (value === null ? '–' : figure(value));
  const rows = Object.entries(metrics).map(([name, { best, last }]) => {
    const delta = last[0] === null || last[1] === null ? null : last[1] - last[0];
    return [
      `  ${name}`,
      shown(best[0]),
      shown(best[1]),
      shown(last[0]),
      shown(last[1]),
      delta === null ? '' : delta === 0 ? '=' : `${delta > 0 ? '+' : ''}${figure(delta)}`,
    ];
  });
  return rows.length
    ? ['', ...textTable(heads, rows, { width, paint: (line, row) => (row === null ? colours.bold(line) : line) })]
    : [];
}

function sampleLines({ samples }: Difference, colours: Colours, width: number): string[] {
  if (samples.length === 0) return [];
  const room = Math.floor((Math.min(width, 160) - 5) / 2);
  const shown = samples.slice(0, SAMPLES_SHOWN).flatMap(({ prompt, texts }) => {
    const [left, right] = texts.map((text) =>
      text === null ? ['–'] : wrapped(`${prompt}${text}`.trim(), room).slice(0, 8),
    ) as [string[], string[]];
    const height = Math.max(left.length, right.length);
    return [
      ...Array.from({ length: height }, (_, row) =>
        `  ${padded(left[row] ?? '', room)} │ ${right[row] ?? ''}`.trimEnd(),
      ),
      '',
    ];
  });
  const more = samples.length - SAMPLES_SHOWN;
  return [
    '',
    colours.bold('samples, the first of each prompt'),
    ...shown.slice(0, -1),
    ...(more > 0 ? [`  … and ${more} more prompts`] : []),
  ];
}
