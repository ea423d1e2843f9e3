import type { KeyEntry, ModelReport, Program, QuestionsReport } from '../artifacts/questions.ts';
import { isAsked, PROGRAMS } from '../artifacts/questions.ts';
import { letterOf } from '../numbers/letter.ts';
import { mcNemarTest } from '../statistics/two-rates.ts';
import { cuesOf } from './figures.ts';
import { headlineOf } from './headline.ts';
import { judgeResult, type JudgeAnswers, type JudgeResult } from './judge-figures.ts';
import { modelFigures, pairsOf, personFigures, pooledFigures, rivalFigures } from './judges-together.ts';
import { isUnfairSample, recites } from './sample-faults.ts';
import type { Refusal, SampleFacts, VerdictReport } from './report.ts';

/** A blind test, as far as a verdict needs it: no text. */
export interface TestedQuestions {
  digest: string;
  key: readonly KeyEntry[];
  report: QuestionsReport;
}

export interface Verdict {
  report: VerdictReport;
  /** judge by judge, in the order of the report */
  results: JudgeResult[];
}

/**
 * Everything that the answers to a blind test say, and everything that they do not. Judges are in the order of
 * `judges`.
 */
export function verdictOf(
  { digest, key, report }: TestedQuestions,
  judges: readonly JudgeAnswers[],
  { atMost }: { atMost: number },
): Verdict {
  const { design } = report;
  const byId = new Map(key.filter(isAsked).map((entry) => [entry.id, entry]));
  const planned = [...byId.values()].filter(({ kind }) => kind === 'question').length;
  const results = judges.map((judge, index) =>
    judgeResult(letterOf(index), judge, { key: byId, design, planned, atMost }),
  );
  const isComplete = results.length > 0 && results.every(({ figures }) => figures.isComplete);
  const sample = Object.fromEntries(Object.entries(report.byModel).map(([model, facts]) => [model, sampleOf(facts)]));
  const figures: Omit<VerdictReport, 'headline'> = {
    format: 'chat-runner/verdict/1',
    questions: digest,
    design,
    planned,
    people: results.map((result) => result.figures),
    pooled: pooledFigures(results, seedOf(digest)),
    rivals: rivalFigures(results, report.asked.duels),
    models: modelFigures(results, report.models, isComplete),
    persons: personFigures(results, isComplete),
    cues: cuesOf(
      results.flatMap(({ main }) => main),
      isComplete,
    ).map(({ name, share, answers, p }) => ({ name, share, answers, p })),
    machines: Object.fromEntries(Object.entries(report.byModel).map(([model, { programs }]) => [model, programs])),
    floors: {
      ...Object.fromEntries(Object.entries(report.floors).map(([rival, { programs }]) => [rival, programs])),
      real: report.realAgainstReal.programs,
    },
    machinePairs: machinePairs(key, report.models),
    sample,
    warnings: report.warnings.filter(({ code }) => !SAID_HERE.has(code)).map(({ text }) => text),
    refused: refusalsOf(results, sample),
  };
  return { report: { ...figures, headline: headlineOf(figures, (judge) => judge) }, results };
}

/** A whole number below 2^48 from a digest: the seed of whatever is random about these questions. */
export const seedOf = (digest: string): number => Number.parseInt(digest.slice(0, 12), 16);

// ---------------------------------------------------------------------------

const sampleOf = ({ passedOverShare, passedOver, memorised, programsWithMemorised }: ModelReport): SampleFacts => ({
  passedOverShare,
  passedOver,
  memorised,
  ...(programsWithMemorised ? { withMemorised: accuraciesOf(programsWithMemorised) } : {}),
});

const accuraciesOf = (programs: ModelReport['programs']): Record<Program, number> =>
  Object.fromEntries(PROGRAMS.map((name) => [name, programs[name].accuracy])) as Record<Program, number>;

/** Codes of warnings that the sentences about the sample repeat, beside what people answered. */
const SAID_HERE = new Set(['not a fair sample', 'memorised']);

function refusalsOf(results: readonly JudgeResult[], sample: Record<string, SampleFacts>): Refusal[] {
  const ofModels = Object.values(sample);
  const answering = results.filter(({ figures }) => figures.answered > 0);
  const refused: Refusal[] = [
    ...(answering.length === 0 ? ['no-answers' as const] : []),
    ...(answering.length === 1 ? ['one-judge' as const] : []),
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
