/**
 * turing: makes a blind test from held-out conversations and the texts of one or more models: questions for people,
 * the key, and what programs make of it. All of it at once; the same inputs give the same bytes.
 *
 * Real and generated texts go the same way: they are read back by the template, stamps are left out, and they are shown
 * by the same function. Before anybody is asked, programs compare real texts with real texts. If they can tell them,
 * the test gives something away, and the stage fails.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAMS, writeBlindTest, type QuestionsReport } from '../src/artifacts/questions.ts';
import { recites } from '../src/judging/sample-faults.ts';
import { openTokens, type TokenReader } from '../src/artifacts/tokens/tokens.ts';
import { lineEndIds } from '../src/tokenizer/tokenizer.ts';
import { assemble } from './turing/assemble.ts';
import { checkInputs, checkLeaks, checkMatch, checkWindows, wantedWindows } from './turing/checks.ts';
import { openFloors } from './turing/rivals/floor-texts.ts';
import { match, withMemorized, type Match } from './turing/rivals/matching.ts';
import { modelReport } from './turing/report/model-report.ts';
import { openModel, type StartedModel, type TestedModel } from './turing/rivals/open-model.ts';
import { extraWindows, measured, modelPairs, otherPairs, type Pair, type Programs } from './turing/pairs.ts';
import type { Context } from './turing/params.ts';
import { lineReader } from '../src/held-out/line-reader.ts';
import { progressReport } from './turing/progress.ts';
import { throughModelsPath } from './turing/real/real-pairs.ts';
import { reportPage } from './turing/report/report-page.ts';
import { questionsReport } from './turing/report/report.ts';
import { findPlaced, type Test } from './turing/test.ts';
import { findWindows, longestDraw } from './turing/real/windows.ts';

export async function run(context: Context): Promise<void> {
  const { params, inputs } = context;
  const tokens = openTokens(inputs['held-out']!);
  const names = Object.keys(inputs)
    .filter((port) => port !== 'held-out')
    .sort();
  const tested: TestedModel[] = [];
  const started: StartedModel[] = [];
  try {
    for (const name of names) tested.push(openModel(name, inputs[name]!, params));
    checkInputs(tokens, tested, params);
    const test = prepared(context, tokens, tested);
    const longest = test.windows.first.concat(test.windows.second);
    const room = longest.reduce(
      (most, { promptIds, realTokens }) => Math.max(most, promptIds.length + longestDraw(realTokens)),
      0,
    );
    for (const model of tested) started.push(await model.start(room));
    context.emit({ kind: 'note', text: started[0]!.engine });
    await build({ ...test, models: started }, context);
  } finally {
    for (const model of started) model.close();
    for (const model of tested) model.close();
    tokens.close();
  }
}

// ---------------------------------------------------------------------------

/** Everything that needs no model. */
function prepared({ params, signal, emit }: Context, tokens: TokenReader, tested: TestedModel[]): Omit<Test, 'models'> {
  const split = tokens.split(params.split);
  const { tokenizer } = tested[0]!;
  const { template, speakers } = tokens.index;
  const reader = lineReader(template, new Set(speakers));
  const reading = { tokenizer, lineEnds: lineEndIds(tokenizer), reader, speakers };
  const mostTokens = Math.min(...tested.map(({ model }) => model.config.context));
  const { seed, context, lines } = params;
  const wanted = wantedWindows(params, tested.length);
  const windows = findWindows(split, 3 * wanted, { seed, context, lines, mostTokens }, reading);
  checkWindows(windows, params, tested.length);
  return {
    params,
    signal,
    tokens,
    split,
    tokenizer,
    reading,
    windows,
    progress: progressReport(emit),
    path: (window) => throughModelsPath(window, reading),
    findInTrain: (texts) => findPlaced(texts, { tokens, reading }),
  };
}

async function build(test: Test, { outDir, emit }: Context): Promise<void> {
  const { params, models, windows, tokens } = test;
  const matched = await match(windows.first, wantedWindows(params, models.length), test);
  const realInTrain = checkMatch(matched, windows, params, models.length);
  const floors = openFloors(test, new Set(matched.used.map(({ matched: { window } }) => window.document)));
  const extra = extraWindows(matched, test, floors);
  const others = await otherPairs(matched, extra, floors, test);

  const [first] = models as [StartedModel];
  const real = await measured(others.real, { model: first, judged: others.real.length, test });
  checkLeaks(real.programs);
  const byModel = await measuredModels(matched, test);
  const byFloor: { pairs: Pair[]; programs: Programs }[] = [];
  for (const pairs of others.floors) byFloor.push(await measured(pairs, { model: first, judged: pairs.length, test }));
  const catches = await measured(others.catches, { model: first, judged: 0, test });
  const duels: Pair[] = [];
  for (const model of models)
    duels.push(
      ...(
        await measured(
          others.duels.filter(({ rival }) => rival === model.name),
          { model, judged: 0, test },
        )
      ).pairs,
    );

  const main = byModel.flatMap(({ pairs }) => pairs);
  const asked = [...main.filter(({ kind }) => kind === 'question'), ...catches.pairs, ...duels];
  const rest = [
    ...main.filter(({ kind }) => kind !== 'question'),
    ...byFloor.flatMap(({ pairs }) => pairs),
    ...real.pairs,
  ];
  const { questions, key } = assemble(asked, rest, params);
  const report = questionsReport({
    params,
    models: models.map(({ name }) => name),
    windows,
    key,
    automatic: Math.min(params.automatic, matched.used.length),
    realInTrain,
    floors: Object.fromEntries(others.names.map((name, i) => [name, { programs: byFloor[i]!.programs }])),
    leftOut: floors.leftOut,
    byModel: await modelReports(matched, byModel, test),
    real: real.programs,
  });
  const persons = Object.fromEntries(
    [...new Set(key.map(({ person }) => person))]
      .filter((person) => person > 0)
      .sort((a, b) => a - b)
      .map((person) => [person, tokens.index.speakers[person - 1] ?? '']),
  );
  writeBlindTest(outDir, { questions, key, report, persons });
  writeFileSync(join(outDir, 'report.md'), reportPage(report));
  for (const { text } of report.warnings) emit({ kind: 'warning', text });
  for (const [name, value] of Object.entries(metricsOf(report))) emit({ kind: 'metric', name, step: 0, value });
}

async function measuredModels(matched: Match, test: Test): Promise<{ pairs: Pair[]; programs: Programs }[]> {
  const all: { pairs: Pair[]; programs: Programs }[] = [];
  const judged = Math.min(test.params.automatic, matched.used.length);
  for (const [index, model] of test.models.entries())
    all.push(await measured(modelPairs(index, matched, test), { model, judged, test }));
  return all;
}

/** A model that recites is also judged with the texts that were passed over for it. */
async function modelReports(
  matched: Match,
  byModel: { programs: Programs }[],
  test: Test,
): Promise<QuestionsReport['byModel']> {
  const reports: QuestionsReport['byModel'] = {};
  for (const [index, model] of test.models.entries()) {
    const report = modelReport(index, matched, { programs: byModel[index]!.programs, reader: test.reading.reader });
    reports[model.name] = report;
    if (!recites(report)) continue;
    const pairs = modelPairs(index, withMemorized(matched, test.params.automatic), test);
    report.programsWithMemorized = (await measured(pairs, { model, judged: pairs.length, test })).programs;
  }
  return reports;
}

function metricsOf({ byModel, models, realAgainstReal }: QuestionsReport): Record<string, number> {
  const one = (name: string): Record<string, number> => {
    const { memorized, passedOverShare, diversity, formFaults, drawn, programs } = byModel[name]!;
    const suffix = models.length === 1 ? '' : `/${name}`;
    const values = {
      memorized: memorized.generated,
      passed_over: passedOverShare,
      distinct_2: diversity.generated.distinct2,
      self_bleu_3: diversity.generated.selfBleu3,
      backwards: (formFaults['stamps backwards'] ?? 0) / drawn,
      ...Object.fromEntries(PROGRAMS.map((program) => [program, programs[program].accuracy])),
    };
    return Object.fromEntries(Object.entries(values).map(([metric, value]) => [`turing/${metric}${suffix}`, value]));
  };
  return Object.assign({ 'turing/control': realAgainstReal.programs.surface.accuracy }, ...models.map(one)) as Record<
    string,
    number
  >;
}
