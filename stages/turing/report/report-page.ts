import { percent } from '../../../src/numbers/percent.ts';
import { PROGRAMS, type ModelReport, type QuestionsReport } from '../../../src/artifacts/questions.ts';
import { aboutHealth, healthTable } from '../../../src/health/health-report.ts';
import type { Programs } from '../pairs.ts';

/** report.md: counts only. */
export function reportPage(report: QuestionsReport): string {
  const { asked, conversations, design, context, lines, split, models, warnings } = report;
  const what = design === 'pair' ? 'which of two texts continues a real conversation?' : 'is this text real?';
  return `# Blind test: ${what}

${asked.questions} questions, and in addition ${asked.catch} easy ones, ${asked.duels} duels with ELIZA, and ${asked.repeats} asked again. Each shows ${context} lines of a conversation, then texts of ${lines} lines. Of ${conversations.seen} conversations examined in the ${split} split, ${conversations.fitting} were suitable.
${warnings.map(({ text }) => `\n**${text}**\n`).join('')}
## Programs as judges

How often each program recognized the real text of a pair. Programs use different cues than people do.

| rival | pairs | ${PROGRAMS.join(' | ')} |
|---|---|${PROGRAMS.map(() => '---|').join('')}
${[
  ...models.flatMap((name) => {
    const { programs, programsWithMemorized } = report.byModel[name]!;
    const all = programsWithMemorized ? [row(`${name}, with memorized texts`, programsWithMemorized)] : [];
    return [row(name, programs), ...all];
  }),
  ...Object.entries(report.floors).map(([name, { programs }]) => row(name, programs)),
  row('real text (control)', report.realAgainstReal.programs),
].join('\n')}
${models.map((name) => modelPart(name, report.byModel[name]!)).join('')}
${unfitPart(conversations.unfit)}The judge of this test only reads and does not converse, so this is not a Turing test.
`;
}

// ---------------------------------------------------------------------------

const row = (name: string, programs: Programs): string =>
  `| ${name} | ${programs.length.pairs} | ${PROGRAMS.map((program) => percent(programs[program].accuracy)).join(' | ')} |`;

const counts = (all: Record<string, number>): string =>
  Object.entries(all)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

function modelPart(name: string, report: ModelReport): string {
  const { diversity, recited, memorized, firstDraws } = report;
  const line = (what: string, generated: number, real: number, digits: number): string =>
    `| ${what} | ${generated.toFixed(digits)} | ${real.toFixed(digits)} |`;
  return `
## What ${name} wrote

Of ${report.drawn} first tries, these were passed over for their form: ${counts(report.passedOver)}; ${percent(report.otherLengthShare)} were of another length. Faults of form, which judges do not see: ${counts(report.formFaults)}. First tries were ${Math.abs(firstDraws.moreCharacters).toFixed(1)} characters ${firstDraws.moreCharacters < 0 ? 'shorter' : 'longer'} than the real texts on average; ${percent(firstDraws.longer)} were longer. Of ${report.draws} tries in all, ${report.otherLength} did not match the real text in length.

| | generated | real |
|---|---|---|
| memorized texts | ${percent(memorized.generated)} | ${percent(memorized.real)} |
| runs of 8 tokens found in the training text | ${percent(recited.generated.share)} | ${percent(recited.real.share)} |
| longest run, tokens | ${recited.generated.longest} | ${recited.real.longest} |
${line('distinct words', diversity.generated.distinct1, diversity.real.distinct1, 3)}
${line('distinct pairs of words', diversity.generated.distinct2, diversity.real.distinct2, 3)}
${line('self-BLEU-3', diversity.generated.selfBleu3, diversity.real.selfBleu3, 3)}
${line('compressed size per byte', diversity.generated.zlib, diversity.real.zlib, 2)}

Lines of all first tries, whether passed over or not, beside the real lines in the same places:

${healthTable(report.health, 'real')}

${aboutHealth}
`;
}

const unfitPart = (unfit: Record<string, number>): string =>
  Object.keys(unfit).length === 0 ? '' : `Unsuitable conversations: ${counts(unfit)}.\n\n`;
