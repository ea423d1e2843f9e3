import { percent } from '../numbers/percent.ts';
import { singlesLikePairs } from '../statistics/sensitivity.ts';
import { isUnfairSample, recites } from './sample-faults.ts';
import type { JudgeFigures, Refusal, SampleFacts, Tested, VerdictReport } from './report.ts';

type Figures = Omit<VerdictReport, 'headline'>;

/** The sentences of a report, in the order in which they should be read. `nameOf` a judge: the letter, or a name. */
export function headlineOf(figures: Figures, nameOf: (judge: string) => string): string[] {
  const { people, pooled, planned, design, rivals, sample } = figures;
  const answering = people.filter(({ answered }) => answered > 0);
  return [
    ...(answering.length === 0 ? ['Nobody has answered yet: these figures come from programs only.'] : []),
    ...answering.flatMap((judge) => judgeSentences(judge, { planned, design, name: nameOf(judge.judge) })),
    ...(pooled
      ? [
          `${pooled.judges} judges together: ${percent(pooled.accuracy)} (${range(pooled)}, which allows for other judges and other questions).`,
        ]
      : []),
    ...(answering.length === 1 ? [`This is a result about ${nameOf(answering[0]!.judge)}, not about people.`] : []),
    ...Object.entries(rivals).flatMap(([rival, counts]) => rivalSentence(rival, counts)),
    ...Object.entries(sample).flatMap(([model, facts]) =>
      sampleSentences(facts, Object.keys(sample).length > 1 ? `${model}: ` : '', answering),
    ),
    ...figures.warnings,
    ...machineSentence(figures),
    'The judge only reads and does not converse, so this is not a Turing test.',
  ];
}

/** `p = .15`, `p < .001` */
export const pText = (p: number): string =>
  p < 0.001 ? 'p < .001' : `p = ${p >= 0.995 ? '1' : p.toFixed(p < 0.1 ? 3 : 2).replace(/^0/, '')}`;

// ---------------------------------------------------------------------------

const points = (share: number): string => (100 * share).toFixed(1);
const range = ({ low, high }: { low: number; high: number }): string => `${points(low)} to ${points(high)}`;

function judgeSentences(
  judge: JudgeFigures,
  { planned, design, name }: { planned: number; design: 'pair' | 'single'; name: string },
): string[] {
  const { right, answers, accuracy, known, answered, isComplete, isStopped } = judge;
  const asked = design === 'pair' ? 'pairs' : 'texts';
  const warnings = judge.refused.flatMap((refusal) => warningOf(refusal, judge, name) ?? []);
  if (accuracy === null) return [`${name} remembered all ${answered} ${asked}, so no answer counts.`];
  const rate = `${name} was right in ${right} of ${answers} ${asked}: ${percent(accuracy)} (${range(judge)})`;
  const evidence = isComplete
    ? `guessing gives 50 %; ${pText(judge.p!)}.`
    : `${isStopped ? 'stopped after' : 'so far'} ${answered} of ${planned}, so there is no p-value yet; the evidence against guessing is ${evidenceText(judge.eValue)} (20 would be strong).`;
  const singles = design === 'pair' ? ` On single texts, that would be ${percent(singlesLikePairs(accuracy))}.` : '';
  return [`${rate}; ${evidence}${singles}`, ...warnings, conclusionOf(judge, name), habitsOf(judge, known)];
}

const evidenceText = (e: number): string => (e >= 1000 ? 'above 1000' : e.toPrecision(2));

const NO_CONCLUSION = new Set<Refusal>(['inattentive', 'stopped-early', 'not-finished']);

/** Never that somebody "cannot tell": only what the answers show, or how many more would. */
function conclusionOf(judge: JudgeFigures, name: string): string {
  const { atMost, p, accuracy, low, high, wanted, refused } = judge;
  if (refused.some((refusal) => NO_CONCLUSION.has(refusal))) return `No conclusion from ${name}.`;
  const parts = [
    p !== null && p < 0.05
      ? accuracy! > 0.5
        ? `${name} does better than guessing.`
        : `${name} does worse than guessing: the generated texts were taken for the real ones.`
      : null,
    atMost.p !== null && atMost.p < 0.05 ? `${name} is right in at most ${Math.round(100 * atMost.most)} %.` : null,
  ].filter((part) => part !== null);
  if (parts.length > 0) return parts.join(' ');
  const more =
    wanted === null
      ? 'More than 10,000 answers would be needed to tell'
      : `If the true rate is ${Math.round(100 * accuracy!)} %, ${Math.max(1, wanted)} more answers would tell`;
  return `Undecided: between ${Math.round(100 * low)} and ${Math.round(100 * high)} %. ${more}.`;
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

function habitsOf({ catch: caught, cues, repeats }: JudgeFigures, known: number): string {
  const shares = cues.flatMap(({ name, share }) =>
    share !== null && (name === 'left' || name === 'longer' || name === 'real')
      ? [`${name} ${Math.round(100 * share)} %`]
      : [],
  );
  return [
    ...(caught.answers > 0 ? [`Easy questions: ${caught.right} of ${caught.answers} right.`] : []),
    ...(shares.length > 0 ? [`Answers: ${shares.join(', ')}.`] : []),
    ...(repeats.asked > 0 ? [`Asked twice: ${repeats.same} of ${repeats.asked} answered the same way.`] : []),
    known === 0 ? 'Remembered none.' : `Remembered ${known}.`,
  ].join(' ');
}

const rivalSentence = (rival: string, { right, answers, accuracy, low, high }: Tested): string[] =>
  accuracy === null
    ? []
    : [
        `Beside ${rival === 'eliza' ? 'ELIZA' : rival}, the model was taken for the person in ${right} of ${answers}: ${percent(accuracy)} (${range({ low, high })}).`,
      ];

function sampleSentences(facts: SampleFacts, model: string, judges: readonly JudgeFigures[]): string[] {
  const { passedOverShare, passedOver, memorised, withMemorised } = facts;
  const reasons = Object.entries(passedOver)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`);
  const [only] = judges;
  const worst =
    judges.length === 1 && only?.accuracy !== null && only !== undefined && passedOverShare > 0
      ? `; if these count as recognized: ${percent(only.accuracy * (1 - passedOverShare) + passedOverShare)}`
      : '';
  const unfair = isUnfairSample(facts) ? ' This is not a fair sample of what the model writes.' : '';
  const recited = recites(facts)
    ? [
        `${model}${percent(memorised.generated)} of the texts repeat the training text word for word (real texts: ${percent(memorised.real)}); they are not among the questions.${withMemorised ? ` With them, programs recognize: ${accuraciesText(withMemorised)}.` : ''}`,
      ]
    : [];
  return [
    ...recited,
    `${model}${percent(passedOverShare)} of the generated texts were passed over${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}${worst}.${unfair}`,
  ];
}

function machineSentence({ machines, floors }: Figures): string[] {
  const real = floors['real'];
  const aa = real ? `; real against real ${worstOf(real)}` : '';
  return Object.entries(machines).map(
    ([model, programs]) =>
      `Programs on ${model}: ${accuraciesText(
        Object.fromEntries(Object.entries(programs).map(([program, { accuracy }]) => [program, accuracy])),
      )}${aa}. They use different cues than people do.`,
  );
}

const accuraciesText = (accuracies: Record<string, number>): string =>
  Object.entries(accuracies)
    .map(([program, accuracy]) => `${program} ${Math.round(100 * accuracy)} %`)
    .join(', ');

/** The figure that is furthest from chance. */
function worstOf(programs: Figures['machines'][string]): string {
  const accuracies = Object.values(programs).map(({ accuracy }) => accuracy);
  const worst = accuracies.reduce((a, b) => (Math.abs(b - 0.5) > Math.abs(a - 0.5) ? b : a), 0.5);
  return `${Math.round(100 * worst)} %`;
}
