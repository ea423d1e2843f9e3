import type { KeyEntry } from '../artifacts/questions.ts';
import { moreAnswersToDecide } from '../statistics/answers-needed.ts';
import { heterogeneity } from '../statistics/chi-squared.ts';
import { holm } from '../statistics/holm.ts';
import { atMostTest, eValue } from '../statistics/proportion.ts';
import { pairSensitivity, singleSensitivity, type Count } from '../statistics/sensitivity.ts';
import { finalAnswers, isStopped, takenBack, type AnswerRecord, type AnswersHeader } from './answers.ts';
import { attentionOf } from './attention.ts';
import { counted, cuesOf, isFollowed, rightOf, tested } from './figures.ts';
import { judgedAnswers, type Judged } from './judged.ts';
import type { CueName, JudgeFigures, Rated, Refusal } from './report.ts';

/** What one judge said. */
export interface JudgeAnswers {
  header: Pick<AnswersHeader, 'tookPart'>;
  records: readonly AnswerRecord[];
}

export interface JudgedTest {
  key: ReadonlyMap<string, KeyEntry>;
  design: 'pair' | 'single';
  /** in the order of the report */
  models: readonly string[];
  /** questions that count */
  planned: number;
  /** the share that the conclusion "at most" is about */
  atMost: number;
}

export interface JudgeResult {
  figures: JudgeFigures;
  judged: Judged[];
  /** answers that count */
  main: Judged[];
}

/** The figures of one judge who finished or stopped, and is called by a letter. */
export function judgeResult(judge: string, { header, records }: JudgeAnswers, test: JudgedTest): JudgeResult {
  const judged = judgedAnswers(test.key, finalAnswers(records));
  const of = (kind: KeyEntry['kind']): Judged[] => judged.filter(({ entry }) => entry.kind === kind);
  const main = of('question');
  const isComplete = main.length === test.planned && test.planned > 0;
  const all = rated(main, test.atMost, isComplete);
  const attention = attentionOf(of('catch'));
  const cues = cuesOf(main, isComplete);
  const thirds = [0, 1, 2].map((third) =>
    rightOf(main.slice(Math.floor((main.length * third) / 3), Math.floor((main.length * (third + 1)) / 3))),
  );
  const facts = {
    tookPart: header.tookPart,
    isComplete,
    isStopped: isStopped(records),
    known: all.answered - all.answers,
  };
  const figures: JudgeFigures = {
    judge,
    ...facts,
    takenBack: takenBack(records),
    catch: { right: attention.right, answers: attention.answers },
    ...all,
    byModel: test.models.length > 1 ? byModel(main, test, isComplete) : {},
    ...sensitivityOf(main, test.design),
    repeats: repeatsOf(of('repeat'), judged),
    cues: cues.map(({ name, share, answers, p }) => ({ name, share, answers, p })),
    thirds: thirds.map((third) => counted(third.right, third.answers, isComplete)),
    drift: isComplete ? heterogeneity(thirds.map((third) => ({ right: third.right, trials: third.answers }))).p : null,
    refused: refusalsOf({
      ...facts,
      answered: all.answered,
      isAttentive: attention.isEnough,
      followed: cues.filter(isFollowed).map(({ name }) => name),
    }),
  };
  return { figures, judged, main };
}

/** Whether anything can be concluded from a judge: only those that can are counted together. */
export const isConclusive = ({ refused }: Pick<JudgeFigures, 'refused'>): boolean =>
  !refused.some((refusal) => NO_CONCLUSION.has(refusal));

// ---------------------------------------------------------------------------

const NO_CONCLUSION: ReadonlySet<Refusal> = new Set(['no-answers', 'inattentive', 'stopped-early', 'knew-the-texts']);

function rated(main: readonly Judged[], most: number, isComplete: boolean): Rated {
  const { right, answers } = rightOf(main);
  return {
    answered: main.length,
    ...tested(right, answers, isComplete),
    eValue: Math.min(eValue(right, answers), Number.MAX_VALUE),
    atMost: { most, p: isComplete ? atMostTest(right, answers, most) : null },
    wanted: answers === 0 ? null : moreAnswersToDecide(right, answers, most),
  };
}

function byModel(main: readonly Judged[], { models, atMost }: JudgedTest, isComplete: boolean): Record<string, Rated> {
  const all = models.map((model) =>
    rated(
      main.filter(({ entry }) => entry.rival === model),
      atMost,
      isComplete,
    ),
  );
  if (!isComplete) return Object.fromEntries(models.map((model, index) => [model, all[index]!]));
  const p = holm(all.map((one) => one.p!));
  const atMostP = holm(all.map((one) => one.atMost.p!));
  return Object.fromEntries(
    models.map((model, index) => [
      model,
      { ...all[index]!, p: p[index]!, atMost: { most: atMost, p: atMostP[index]! } },
    ]),
  );
}

interface Facts {
  tookPart: boolean;
  isComplete: boolean;
  isStopped: boolean;
  known: number;
  answered: number;
  isAttentive: boolean;
  followed: CueName[];
}

const MOST_KNOWN = 0.1;

/** Why nothing, or not much, can be concluded from this judge. */
function refusalsOf(facts: Facts): Refusal[] {
  const reasons: [Refusal, boolean][] = [
    ['no-answers', facts.answered === 0],
    ['stopped-early', facts.isStopped && !facts.isComplete],
    ['inattentive', !facts.isAttentive],
    ['knew-the-texts', facts.answered > 0 && facts.known / facts.answered > MOST_KNOWN],
    ['took-part', facts.tookPart],
    ['follows-length', facts.followed.includes('longer')],
    ['follows-side', facts.followed.includes('left') || facts.followed.includes('real')],
  ];
  return reasons.flatMap(([reason, holds]) => (holds ? [reason] : []));
}

function sensitivityOf(main: Judged[], design: 'pair' | 'single'): { dPrime: number; bias: number } {
  // The answer that is counted: "left" or "real".
  const counts = { there: { hits: 0, trials: 0 }, elsewhere: { hits: 0, trials: 0 } } satisfies Record<string, Count>;
  for (const { entry, answer, took } of main) {
    if (took === null) continue;
    const left = answer.shown === 'ba' ? 'b' : 'a';
    const count = entry.real === left ? counts.there : counts.elsewhere;
    count.trials++;
    if (took === left) count.hits++;
  }
  if (counts.there.trials + counts.elsewhere.trials === 0) return { dPrime: 0, bias: 0 };
  const { dPrime, bias } = (design === 'pair' ? pairSensitivity : singleSensitivity)(counts.there, counts.elsewhere);
  return { dPrime, bias };
}

/** How many of the questions that were asked twice got the same answer: right, or wrong, both times. */
function repeatsOf(repeated: Judged[], all: Judged[]): { same: number; asked: number } {
  const twice = repeated.flatMap(({ entry, right }) => {
    const before = all.find((other) => other.entry.id === entry.of)?.right ?? null;
    return right === null || before === null ? [] : [right === before];
  });
  return { same: twice.filter(Boolean).length, asked: twice.length };
}
