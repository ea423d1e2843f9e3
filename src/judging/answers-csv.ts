import type { JudgeResult } from './judge-figures.ts';

/**
 * One row per answer that counts, without text and names, for other programs. A mixed-effects model of it in R:
 * `glmer(right ~ 1 + (1 | judge) + (1 | question), binomial, d[d$kind == "question" & d$known == 0, ])`.
 */
export function answersCsv(results: readonly JudgeResult[]): string {
  const rows = results.flatMap(({ figures, judged }) =>
    judged.map(({ entry, answer, right }, index) => [
      figures.judge,
      index + 1,
      entry.id,
      entry.kind,
      entry.rival,
      entry.person,
      answer.shown,
      answer.chose ?? '',
      answer.known ? 1 : 0,
      right === null ? '' : right ? 1 : 0,
      answer.ms,
      ...entry.chars,
    ]),
  );
  const head = 'judge,place,question,kind,rival,person,shown,chose,known,right,ms,chars_a,chars_b';
  return [head, ...rows.map((row) => row.join(','))].map((line) => `${line}\n`).join('');
}
