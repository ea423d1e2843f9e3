import { PROGRAMS } from '../artifacts/questions.ts';
import { percent } from '../numbers/percent.ts';
import { pText } from './figure-text.ts';
import type { Counted, Together, VerdictReport } from './report.ts';

/** `report.md`: the sentences first, then every table that has rows. */
export const reportMarkdown = (report: VerdictReport): string =>
  [
    '# Blind test',
    report.headline.map((sentence) => `- ${sentence}`).join('\n'),
    ...section('Judges', judgeTable(report)),
    ...section('Judges by model', judgeModelTable(report)),
    ...section('Judges who are still asked', askedTable(report)),
    ...section('Persons', table(['person', 'right', '95 %', 'p'], report.persons.map(personRow))),
    ...section('Models', modelTable(report)),
    ...section('Programs', programTable(report)),
    ...section('What the answers follow', cueTable(report)),
    ...section(
      'Mixed effects',
      report.people.length > 1
        ? '`answers.csv` has every answer. In R, with lme4: `glmer(right ~ 1 + (1 | judge) + (1 | question), binomial, d[d$kind == "question" & d$known == 0, ])`'
        : '',
    ),
  ].join('\n\n') + '\n';

// ---------------------------------------------------------------------------

const section = (title: string, body: string): string[] => (body === '' ? [] : [`## ${title}`, body]);

/** Empty without rows. */
function table(head: string[], rows: (string | number)[][]): string {
  if (rows.length === 0) return '';
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

const rate = ({ right, answers, accuracy }: Pick<Counted, 'right' | 'answers' | 'accuracy'>): string =>
  accuracy === null ? '–' : `${right} of ${answers}: ${percent(accuracy)}`;
const interval = ({ low, high }: { low: number | null; high: number | null }): string =>
  low === null || high === null ? '–' : `${percent(low)} to ${percent(high)}`;
const pCell = (p: number | null): string => (p === null ? '–' : pText(p));

const personRow = ({ person, ...counts }: { person: number } & Together): (string | number)[] => [
  person,
  rate(counts),
  interval(counts),
  pCell(counts.p),
];

const judgeTable = ({ people }: VerdictReport): string =>
  table(
    ['judge', 'right', '95 %', 'p', 'e-value', 'd′', 'bias', 'easy', 'remembered', 'taken back', 'thirds'],
    people.map((judge) => [
      judge.judge,
      rate(judge),
      interval(judge),
      pCell(judge.p),
      judge.eValue.toPrecision(3),
      judge.dPrime.toFixed(2),
      judge.bias.toFixed(2),
      `${judge.catch.right} of ${judge.catch.answers}`,
      judge.known,
      judge.takenBack,
      judge.thirds.map(({ accuracy }) => (accuracy === null ? '–' : percent(accuracy))).join(', '),
    ]),
  );

const judgeModelTable = ({ people }: VerdictReport): string =>
  table(
    ['judge', 'model', 'right', '95 %', 'p'],
    people.flatMap(({ judge, byModel }) =>
      Object.entries(byModel).map(([model, rated]) => [judge, model, rate(rated), interval(rated), pCell(rated.p)]),
    ),
  );

const askedTable = ({ asking = [] }: VerdictReport): string =>
  table(
    ['judge', 'answered', 'taken back'],
    asking.map(({ judge, answered, asked, takenBack }) => [judge, `${answered} of ${asked}`, takenBack]),
  );

const modelTable = ({ models, pooled, machinePairs }: VerdictReport): string =>
  [
    table(
      ['models', 'by people, difference', '95 %', 'p'],
      models.map(({ a, b, difference, low, high, p }) => [
        `${a} – ${b}`,
        percent(difference),
        interval({ low, high }),
        pCell(p),
      ]),
    ),
    table(
      ['models', 'program', 'only the first recognized', 'only the second', 'p'],
      machinePairs.map(({ a, b, program, onlyA, onlyB, p }) => [`${a}, ${b}`, program, onlyA, onlyB, pText(p)]),
    ),
    pooled
      ? `Judges differ: ${pText(pooled.heterogeneity.p)}. Agreement: α ${pooled.alpha?.toFixed(2) ?? '–'}${pooled.kappa === null ? '' : `, κ ${pooled.kappa.toFixed(2)}`}.`
      : '',
  ]
    .filter((part) => part !== '')
    .join('\n\n');

const programTable = ({ machines, floors }: VerdictReport): string =>
  table(
    ['texts', 'program', 'recognized', '95 %', 'p'],
    Object.entries({ ...machines, ...floors }).flatMap(([rival, programs]) =>
      PROGRAMS.map((program) => {
        const { right, pairs, accuracy, low, high, p } = programs[program];
        const texts = rival === 'real' ? 'real, through the model’s path' : rival;
        return [texts, program, `${right} of ${pairs}: ${percent(accuracy)}`, interval({ low, high }), pText(p)];
      }),
    ),
  );

const cueTable = ({ cues }: VerdictReport): string =>
  table(
    ['answer', 'share', 'of', 'p'],
    cues.map(({ name, share, answers, p }) => [name, share === null ? '–' : percent(share), answers, pCell(p)]),
  );
