import type { KeyEntry } from '../artifacts/questions.ts';
import { moreAnswersToDecide } from '../statistics/answers-needed.ts';
import { heterogeneity } from '../statistics/chi-squared.ts';
import { atMostTest, eValue } from '../statistics/proportion.ts';
import { pairSensitivity, singleSensitivity, type Count } from '../statistics/sensitivity.ts';
import { finalAnswers, isStopped, type AnswerRecord, type AnswersHeader } from './answers.ts';
import { counted, cuesOf, isFollowed, rightOf, tested } from './figures.ts';
import { judgedAnswers, type Judged } from './judged.ts';
import type { CueName, JudgeFigures, Refusal } from './report.ts';

/** What one judge said. */
export interface JudgeAnswers {
  header: Pick<AnswersHeader, 'tookPart'>;
  records: readonly AnswerRecord[];
}

export interface JudgedTest {
  key: ReadonlyMap<string, KeyEntry>;
  design: 'pair' | 'single';
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

/** The figures of one judge, who is called by a letter. */
export function judgeResult(judge: string, { header, records }: JudgeAnswers, test: JudgedTest): JudgeResult {
  const judged = judgedAnswers(test.key, finalAnswers(records));
  const of = (kind: KeyEntry['kind']): Judged[] => judged.filter(({ entry }) => entry.kind === kind);
  const main = of('question');
  const answered = main.length;
  const isComplete = answered === test.planned && test.planned > 0;
  const { right, answers } = rightOf(main);
  const seen = rightOf(of('catch'));
  const cues = cuesOf(main, isComplete);
  const thirds = [0, 1, 2].map((third) =>
    rightOf(main.slice(Math.floor((answered * third) / 3), Math.floor((answered * (third + 1)) / 3))),
  );
  const followed = cues.filter(isFollowed).map(({ name }) => name);
  const facts = {
    tookPart: header.tookPart,
    isComplete,
    isStopped: isStopped(records),
    known: answered - answers,
    answered,
    catch: seen,
    followed,
  };
  const figures: JudgeFigures = {
    judge,
    tookPart: header.tookPart,
    answered,
    isComplete,
    isStopped: facts.isStopped,
    known: facts.known,
    catch: seen,
    ...tested(right, answers, isComplete),
    eValue: Math.min(eValue(right, answers), Number.MAX_VALUE),
    ...sensitivityOf(main, test.design),
    atMost: { most: test.atMost, p: isComplete ? atMostTest(right, answers, test.atMost) : null },
    wanted: answers === 0 ? null : moreAnswersToDecide(right, answers, test.atMost),
    repeats: repeatsOf(of('repeat'), judged),
    cues: cues.map(({ name, share, answers, p }) => ({ name, share, answers, p })),
    thirds: thirds.map((third) => counted(third.right, third.answers, isComplete)),
    drift: isComplete ? heterogeneity(thirds.map((third) => ({ right: third.right, trials: third.answers }))).p : null,
    refused: refusalsOf(facts),
  };
  return { figures, judged, main };
}

// ---------------------------------------------------------------------------

interface Facts {
  tookPart: boolean;
  isComplete: boolean;
  isStopped: boolean;
  known: number;
  answered: number;
  catch: { right: number; answers: number };
  followed: CueName[];
}

const LEAST_CATCHES_RIGHT = 0.75;
const MOST_KNOWN = 0.1;

/** Why nothing, or not much, can be concluded from this judge. */
function refusalsOf(facts: Facts): Refusal[] {
  const { right, answers } = facts.catch;
  const reasons: [Refusal, boolean][] = [
    ['no-answers', facts.answered === 0],
    ['stopped-early', facts.isStopped && !facts.isComplete],
    ['not-finished', !facts.isStopped && !facts.isComplete && facts.answered > 0],
    ['inattentive', answers > 0 && right / answers < LEAST_CATCHES_RIGHT],
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
