import { percent } from '../numbers/percent.ts';
import { singlesLikePairs } from '../statistics/sensitivity.ts';
import { isConclusive } from './judge-figures.ts';
import { pText, range } from './figure-text.ts';
import type { AskedJudge, JudgeFigures, Rated, Refusal } from './report.ts';

/** Of a judge who is asked: nothing that helps with the rest of the questions. */
export const askedSentence = ({ answered, asked }: AskedJudge, name: string): string =>
  `${name}: ${answered} of ${asked} answered; figures when the judge has finished or stopped.`;

/** What is said of one judge, who is called `name`. With several models, of each. */
export function judgeSentences(
  judge: JudgeFigures,
  { planned, design, name }: { planned: number; design: 'pair' | 'single'; name: string },
): string[] {
  const asked = design === 'pair' ? 'pairs' : 'texts';
  const warnings = judge.refused.flatMap((refusal) => warningOf(refusal, judge, name) ?? []);
  if (judge.accuracy === null) return [`${name} remembered all ${judge.answered} ${asked}, so no answer counts.`];
  const models = Object.entries(judge.byModel);
  const subjects = models.length > 0 ? models.map(([model, rated]) => ({ rated, on: `, on ${model},` })) : [];
  const all = subjects.length > 0 ? subjects : [{ rated: judge, on: '' }];
  const isTelling = isConclusive(judge);
  const { isStopped, isComplete } = judge;
  const stopped =
    isStopped && !isComplete ? [`${name} stopped after ${judge.answered} of ${planned}, so there is no p-value.`] : [];
  return [
    ...all.map(({ rated, on }) => rateSentence(rated, `${name}${on}`, asked, isTelling && design === 'pair')),
    ...stopped,
    ...warnings,
    ...(isTelling ? all.map(({ rated, on }) => conclusionOf(rated, `${name}${on}`)) : [`No conclusion from ${name}.`]),
    habitsOf(judge),
  ];
}

// ---------------------------------------------------------------------------

function rateSentence(rated: Rated, subject: string, asked: string, compare: boolean): string {
  const { right, answers, answered, accuracy, p, eValue } = rated;
  if (accuracy === null) return `${subject} gave no answer that counts.`;
  const evidence =
    p === null
      ? `the evidence against guessing is ${evidenceText(eValue)} (20 would be strong).`
      : `guessing gives 50 %; ${pText(p)}.`;
  const known = answered - answers;
  return [
    `${subject} was right in ${right} of ${answers} ${asked}: ${percent(accuracy)} (${range(rated)}); ${evidence}`,
    ...(compare ? [`On single texts, that would be ${percent(singlesLikePairs(accuracy))}.`] : []),
    ...(known > 0 ? [`With the ${known} remembered counted as wrong: ${percent(right / answered)}.`] : []),
  ].join(' ');
}

const evidenceText = (e: number): string => (e >= 1000 ? 'above 1000' : e.toPrecision(2));

/** Never that somebody "cannot tell": only what the answers show, or how many more would. */
function conclusionOf({ atMost, p, accuracy, low, high, wanted }: Rated, subject: string): string {
  if (accuracy === null) return `No conclusion from ${subject.replace(/,$/, '')}.`;
  const parts = [
    p !== null && p < 0.05
      ? accuracy > 0.5
        ? `${subject} does better than guessing.`
        : `${subject} does worse than guessing: the generated texts were taken for the real ones.`
      : null,
    atMost.p !== null && atMost.p < 0.05 ? `${subject} is right in at most ${Math.round(100 * atMost.most)} %.` : null,
  ].filter((part) => part !== null);
  if (parts.length > 0) return parts.join(' ');
  const more =
    wanted === null
      ? 'More than 10,000 answers would be needed to tell'
      : `If the true rate is ${Math.round(100 * accuracy)} %, ${Math.max(1, wanted)} more answers would tell`;
  const on = subject.includes(', on ') ? `${subject.slice(subject.indexOf(', on ') + 2, -1)}, ` : '';
  return `Undecided: ${on}between ${Math.round(100 * low)} and ${Math.round(100 * high)} %. ${more}.`;
}

function warningOf(refusal: Refusal, judge: JudgeFigures, name: string): string | null {
  const share = (cue: string): number => judge.cues.find((one) => one.name === cue)?.share ?? 0.5;
  switch (refusal) {
    case 'inattentive':
      return `${name} got only ${judge.catch.right} of ${judge.catch.answers} easy questions right.`;
    case 'knew-the-texts':
      return `This judge knew the texts: ${name} remembered ${judge.known} of ${judge.answered}.`;
    case 'took-part':
      return `${name} took part in the conversations.`;
    case 'follows-length': {
      const longer = share('longer');
      const side = longer > 0.5 ? 'longer' : 'shorter';
      return `${name} took the ${side} text in ${percent(Math.max(longer, 1 - longer))} of the pairs: this measures length, not resemblance.`;
    }
    case 'follows-side': {
      const cue = judge.cues.some((one) => one.name === 'real') ? 'real' : 'left';
      const taken = share(cue);
      const answer = cue === 'real' ? (taken > 0.5 ? '“real”' : '“generated”') : taken > 0.5 ? '“left”' : '“right”';
      return `${name} answered ${answer} in ${percent(Math.max(taken, 1 - taken))}: d′ (${judge.dPrime.toFixed(2)}) corrects for that.`;
    }
    default:
      return null;
  }
}

function habitsOf({ catch: caught, cues, repeats, known, takenBack }: JudgeFigures): string {
  const shares = cues.flatMap(({ name, share }) =>
    share !== null && (name === 'left' || name === 'longer' || name === 'real')
      ? [`${name} ${Math.round(100 * share)} %`]
      : [],
  );
  return [
    ...(caught.answers > 0 ? [`Easy questions: ${caught.right} of ${caught.answers} right.`] : []),
    ...(shares.length > 0 ? [`Answers: ${shares.join(', ')}.`] : []),
    ...(repeats.asked > 0 ? [`Asked twice: ${repeats.same} of ${repeats.asked} answered the same way.`] : []),
    ...(takenBack > 0 ? [`Taken back: ${takenBack}.`] : []),
    known === 0 ? 'Remembered none.' : `Remembered ${known}.`,
  ].join(' ');
}
