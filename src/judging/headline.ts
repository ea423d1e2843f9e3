import { percent } from '../numbers/percent.ts';
import { range } from './figure-text.ts';
import { isConclusive } from './judge-figures.ts';
import { askedSentence, judgeSentences } from './judge-sentences.ts';
import { isUnfairSample, recites } from './sample-faults.ts';
import type { PooledFigures, SampleFacts, Together, VerdictReport } from './report.ts';

type Figures = Omit<VerdictReport, 'headline'>;

/** The sentences of a report, in the order in which they should be read. `nameOf` a judge: the letter, or a name. */
export function headlineOf(figures: Figures, nameOf: (judge: string) => string): string[] {
  const { people, asking = [], pooled, planned, design, rivals, sample } = figures;
  const answering = people.filter(({ answered }) => answered > 0);
  const models = Object.keys(sample);
  return [
    ...programsOnly(answering.length, asking.length),
    ...answering.flatMap((judge) => judgeSentences(judge, { planned, design, name: nameOf(judge.judge) })),
    ...asking.map((judge) => askedSentence(judge, nameOf(judge.judge))),
    ...(pooled ? pooledSentences(pooled, figures, nameOf) : []),
    ...(answering.length === 1 ? [`This is a result about ${nameOf(answering[0]!.judge)}, not about people.`] : []),
    ...Object.entries(rivals).flatMap(([rival, counts]) => rivalSentence(rival, counts)),
    ...models.flatMap((model) =>
      sampleSentences(sample[model]!, models.length > 1 ? `${model}: ` : '', accuracyOn(model, figures)),
    ),
    ...figures.warnings,
    ...machineSentence(figures),
    'The judge only reads and does not converse, so this is not a Turing test.',
  ];
}

// ---------------------------------------------------------------------------

function programsOnly(answering: number, asking: number): string[] {
  if (answering > 0) return [];
  return asking > 0
    ? ['Nobody has finished yet: these figures come from programs only.']
    : ['Nobody has answered yet: these figures come from programs only.'];
}

function pooledSentences(pooled: PooledFigures, { people }: Figures, nameOf: (judge: string) => string): string[] {
  const rateText = ({ accuracy, low, high }: Pick<Together, 'accuracy' | 'low' | 'high'>): string =>
    `${percent(accuracy!)}${low === null || high === null ? '' : ` (${range({ low, high })}, which allows for other judges and other questions)`}`;
  const models = Object.entries(pooled.byModel).filter(([, { accuracy }]) => accuracy !== null);
  const rates = models.length > 0 ? models.map(([model, rate]) => `on ${model} ${rateText(rate)}`) : [rateText(pooled)];
  const without = people.filter((judge) => !isConclusive(judge)).map(({ judge }) => nameOf(judge));
  return [
    [
      `${pooled.judges} judges together: ${rates.join('; ')}.`,
      ...(pooled.low === null ? ['There is no interval: that takes three judges who do not all answer alike.'] : []),
      ...(without.length > 0 ? [`Not counted, because no conclusion is drawn: ${without.join(', ')}.`] : []),
    ].join(' '),
  ];
}

/** How often people recognized the texts of a model: all that count together, or the only one who answered. */
function accuracyOn(model: string, { people, pooled }: Figures): number | null {
  const answering = people.filter(({ answered }) => answered > 0);
  const figures = pooled ?? (answering.length === 1 ? answering[0]! : null);
  return (figures?.byModel[model] ?? figures)?.accuracy ?? null;
}

const rivalSentence = (rival: string, { right, answers, accuracy, low, high }: Together): string[] =>
  accuracy === null
    ? []
    : [
        `Beside ${rival === 'eliza' ? 'ELIZA' : rival}, the model was taken for the person in ${right} of ${answers}: ${percent(accuracy)}${low === null || high === null ? '' : ` (${range({ low, high })})`}.`,
      ];

/** `accuracy` of people; null if there is none. */
function sampleSentences(facts: SampleFacts, model: string, accuracy: number | null): string[] {
  const { passedOverShare, otherLengthShare, passedOver, memorized, withMemorized } = facts;
  const reasons = Object.entries(passedOver)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${count} ${reason}`);
  const worst =
    accuracy !== null && passedOverShare > 0
      ? `; if these count as recognized: ${percent(accuracy * (1 - passedOverShare) + passedOverShare)}`
      : '';
  const unfair = isUnfairSample(facts) ? ' This is not a fair sample of what the model writes.' : '';
  const recited = recites(facts)
    ? [
        `${model}${percent(memorized.generated)} of the texts repeat the training text, in a run of 20 tokens or in runs of 8 for half of the text (real texts: ${percent(memorized.real)}); they are not among the questions.${withMemorized ? ` With them, programs recognize: ${accuraciesText(withMemorized)}.` : ''}`,
      ]
    : [];
  const length =
    otherLengthShare > 0 ? ` Another ${percent(otherLengthShare)} were of another length, and were written again.` : '';
  return [
    ...recited,
    `${model}${percent(passedOverShare)} of the generated texts were passed over${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}${worst}.${unfair}${length}`,
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
