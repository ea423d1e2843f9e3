import type { KeyEntry, ModelReport, Program, QuestionsReport } from '../artifacts/questions.ts';
import { isAsked, PROGRAMS } from '../artifacts/questions.ts';
import { letterOf } from '../numbers/letter.ts';
import { mcNemarTest } from '../statistics/two-rates.ts';
import { finalAnswers, isStopped, takenBack } from './answers.ts';
import { cuesOf } from './figures.ts';
import { headlineOf } from './headline.ts';
import { isConclusive, judgeResult, type JudgeAnswers, type JudgeResult } from './judge-figures.ts';
import { modelFigures, pairsOf, personFigures, pooledFigures, rivalFigures } from './judges-together.ts';
import { isUnfairSample, recites } from './sample-faults.ts';
import type { AskedJudge, Refusal, SampleFacts, VerdictReport } from './report.ts';

/** A blind test, as far as a verdict needs it: no text. */
export interface TestedQuestions {
  digest: string;
  key: readonly KeyEntry[];
  report: QuestionsReport;
}

export interface Verdict {
  report: VerdictReport;
  /** judge by judge, in the order of the report: those who finished or stopped */
  results: JudgeResult[];
}

/**
 * Everything that the answers to a blind test say, and everything that they do not. Judges are in the order of
 * `judges`, and called by letters in that order. Of those who are still asked, only the number of answers is said.
 */
export function verdictOf(
  { digest, key, report }: TestedQuestions,
  judges: readonly JudgeAnswers[],
  { atMost }: { atMost: number },
): Verdict {
  const { design, models } = report;
  const byId = new Map(key.filter(isAsked).map((entry) => [entry.id, entry]));
  const planned = [...byId.values()].filter(({ kind }) => kind === 'question').length;
  const named = judges.map((answers, index) => ({ judge: letterOf(index), answers }));
  const asking = named.filter(({ answers }) => !isOver(answers, byId));
  const results = named
    .filter(({ answers }) => isOver(answers, byId))
    .map(({ judge, answers }) => judgeResult(judge, answers, { key: byId, design, models, planned, atMost }));
  const telling = results.filter(({ figures }) => isConclusive(figures));
  const seed = seedOf(digest);
  const sample = Object.fromEntries(Object.entries(report.byModel).map(([model, facts]) => [model, sampleOf(facts)]));
  const figures: Omit<VerdictReport, 'headline'> = {
    format: 'chat-runner/verdict/1',
    questions: digest,
    design,
    planned,
    people: results.map((result) => result.figures),
    ...(asking.length > 0 ? { asking: asking.map(({ judge, answers }) => askedJudge(judge, answers, byId)) } : {}),
    pooled: pooledFigures(telling, models, seed),
    rivals: rivalFigures(telling, report.asked.duels, seed),
    models: modelFigures(telling, models, seed),
    persons: personFigures(telling, seed),
    cues: cuesOf(
      telling.flatMap(({ main }) => main),
      true,
    ).map(({ name, share, answers, p }) => ({ name, share, answers, p: telling.length === 1 ? p : null })),
    machines: Object.fromEntries(Object.entries(report.byModel).map(([model, { programs }]) => [model, programs])),
    floors: {
      ...Object.fromEntries(Object.entries(report.floors).map(([rival, { programs }]) => [rival, programs])),
      real: report.realAgainstReal.programs,
    },
    machinePairs: machinePairs(key, models),
    sample,
    warnings: report.warnings.filter(({ code }) => !SAID_HERE.has(code)).map(({ text }) => text),
    refused: refusalsOf(results, asking.length > 0, sample),
  };
  return { report: { ...figures, headline: headlineOf(figures, (judge) => judge) }, results };
}

/** A whole number below 2^48 from a digest: the seed of whatever is random about these questions. */
export const seedOf = (digest: string): number => Number.parseInt(digest.slice(0, 12), 16);

// ---------------------------------------------------------------------------

type AskedEntries = ReadonlyMap<string, KeyEntry>;

/** Answers to questions that this test asks. */
const answeredOf = ({ records }: JudgeAnswers, asked: AskedEntries): number =>
  finalAnswers(records).filter(({ id }) => asked.has(id)).length;

/** Whether the judge has seen the result: at the end, or because the test was stopped. */
const isOver = (answers: JudgeAnswers, asked: AskedEntries): boolean =>
  isStopped(answers.records) || answeredOf(answers, asked) === asked.size;

const askedJudge = (judge: string, answers: JudgeAnswers, asked: AskedEntries): AskedJudge => ({
  judge,
  answered: answeredOf(answers, asked),
  asked: asked.size,
  takenBack: takenBack(answers.records),
});

const sampleOf = (report: ModelReport): SampleFacts => ({
  passedOverShare: report.passedOverShare,
  otherLengthShare: report.otherLengthShare,
  passedOver: report.passedOver,
  memorized: report.memorized,
  ...(report.programsWithMemorized ? { withMemorized: accuraciesOf(report.programsWithMemorized) } : {}),
});

const accuraciesOf = (programs: ModelReport['programs']): Record<Program, number> =>
  Object.fromEntries(PROGRAMS.map((name) => [name, programs[name].accuracy])) as Record<Program, number>;

/** Codes of warnings that the sentences about the sample repeat, beside what people answered. */
const SAID_HERE = new Set(['not a fair sample', 'memorized']);

function refusalsOf(
  results: readonly JudgeResult[],
  isAsking: boolean,
  sample: Record<string, SampleFacts>,
): Refusal[] {
  const ofModels = Object.values(sample);
  const answering = results.filter(({ figures }) => figures.answered > 0);
  const refused: Refusal[] = [
    ...(answering.length === 0 ? ['no-answers' as const] : []),
    ...(answering.length === 1 ? ['one-judge' as const] : []),
    ...(isAsking ? ['not-finished' as const] : []),
    ...(ofModels.some(isUnfairSample) ? ['not-a-fair-sample' as const] : []),
    ...(ofModels.some(recites) ? ['recites' as const] : []),
    ...answering.flatMap(({ figures }) => figures.refused),
  ];
  return [...new Set(refused)];
}

/** Programs judge the models on the same conversations: exact McNemar of those that only one model was recognized in. */
function machinePairs(key: readonly KeyEntry[], models: readonly string[]): VerdictReport['machinePairs'] {
  const places = (model: string): Map<string, KeyEntry> =>
    new Map(
      key.flatMap((entry) =>
        entry.rival === model && entry.margins !== null && (entry.kind === 'question' || entry.kind === 'automatic')
          ? [[`${entry.document}:${entry.line}`, entry]]
          : [],
      ),
    );
  return pairsOf(models).flatMap(([a, b]) => {
    const [ofA, ofB] = [places(a), places(b)];
    const both = [...ofA].flatMap(([place, entry]) => {
      const other = ofB.get(place);
      return other ? [[entry, other] as const] : [];
    });
    if (both.length === 0) return [];
    const recognized = (entry: KeyEntry, program: Program): boolean => entry.margins![program] > 0;
    return PROGRAMS.map((program) => {
      const only = both.filter(([one, other]) => recognized(one, program) !== recognized(other, program));
      const onlyA = only.filter(([one]) => recognized(one, program)).length;
      const onlyB = only.length - onlyA;
      return { program, a, b, onlyA, onlyB, p: mcNemarTest(onlyA, onlyB) };
    });
  });
}
