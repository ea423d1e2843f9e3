import { isConclusive } from './judge-figures.ts';
import type { VerdictReport } from './report.ts';

/**
 * The figures by which runs are compared: of people, those from whom there is a conclusion. With several models, a
 * program's is that of the first, and people's are there for each too.
 */
export function verdictMetrics(report: VerdictReport): Record<string, number> {
  const people = report.pooled ?? report.people.find(isConclusive);
  const answers = report.people.reduce((sum, judge) => sum + judge.answers, 0);
  const [programs] = Object.values(report.machines);
  return {
    'judge/people/answers': answers,
    ...(people ? ratesOf(people, '') : {}),
    ...Object.assign({}, ...Object.entries(people?.byModel ?? {}).map(([model, rate]) => ratesOf(rate, `/${model}`))),
    ...Object.fromEntries(
      Object.entries(programs ?? {}).map(([program, { accuracy }]) => [`judge/${program}/accuracy`, accuracy]),
    ),
    ...(report.floors['real'] ? { 'judge/aa/accuracy': report.floors['real'].surface.accuracy } : {}),
  };
}

// ---------------------------------------------------------------------------

function ratesOf(
  rate: { accuracy: number | null; low: number | null; high: number | null },
  suffix: string,
): Record<string, number> {
  const { accuracy, low, high } = rate;
  return Object.fromEntries(
    Object.entries({ accuracy, low, high }).flatMap(([name, value]) =>
      value === null || accuracy === null ? [] : [[`judge/people/${name}${suffix}`, value]],
    ),
  );
}
