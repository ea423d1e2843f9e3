import type { VerdictReport } from './report.ts';

/** The figures by which runs are compared. With several models, a program's is that of the first. */
export function verdictMetrics(report: VerdictReport): Record<string, number> {
  const only = report.people.find(({ answers }) => answers > 0);
  const people = report.pooled ?? only;
  const answers = report.people.reduce((sum, judge) => sum + judge.answers, 0);
  const [programs] = Object.values(report.machines);
  return {
    'judge/people/answers': answers,
    ...(people && people.accuracy !== null
      ? {
          'judge/people/accuracy': people.accuracy,
          'judge/people/low': people.low,
          'judge/people/high': people.high,
        }
      : {}),
    ...Object.fromEntries(
      Object.entries(programs ?? {}).map(([program, { accuracy }]) => [`judge/${program}/accuracy`, accuracy]),
    ),
    ...(report.floors['real'] ? { 'judge/aa/accuracy': report.floors['real'].surface.accuracy } : {}),
  };
}
