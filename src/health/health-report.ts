import { FIGURES, LEVEL, type Figure, type Figures, type Health } from './health.ts';
import { percent } from '../numbers/percent.ts';
import { EMOJI_RUN, FEWEST_COPIED } from './marks.ts';

/** A table in Markdown. `real`: what the real lines are called. */
export function healthTable(health: Health, real: string): string {
  return [
    `| | generated | ${real} | |`,
    '|---|---|---|---|',
    ...rowsOf(health).map(([what, ours, theirs, mark]) => `| ${what} | ${ours} | ${theirs} |${mark && ` ${mark}`} |`),
  ].join('\n');
}

/** What the marks and the lengths mean, in one paragraph. */
export const aboutHealth = `\`!\`: the two part (Fisher's exact test, p < ${LEVEL} after Holm's correction for ${FIGURES.length} figures). Repeated: the same as an earlier line of the text. Copied: at least ${FEWEST_COPIED} characters that stand in the prompt. Of real lines, at most 1 of 100 is over-long.`;

/** The same as lines of text, in columns. */
export function healthLines(health: Health, real: string): string[] {
  const rows = [['', 'generated', real, ''], ...rowsOf(health)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([what, ours, theirs, mark]) =>
    `${what!.padEnd(widths[0]!)}  ${ours!.padStart(widths[1]!)}  ${theirs!.padStart(widths[2]!)}  ${mark!}`.trimEnd(),
  );
}

// ---------------------------------------------------------------------------

function rowsOf({
  generated,
  real,
  longest,
  parts,
}: Health): [what: string, ours: string, theirs: string, mark: string][] {
  const row = (figure: Figure): [string, string, string, string] => [
    nameOf(figure, longest),
    shown(generated, figure),
    shown(real, figure),
    parts.includes(figure) ? '!' : '',
  ];
  return [['lines', count(generated.lines), count(real.lines), ''], ...FIGURES.map(row)];
}

function nameOf(figure: Figure, longest: number): string {
  const names: Record<Figure, string> = {
    empty: 'empty',
    repeated: 'repeated',
    overLong: `over-long (more than ${count(longest)} characters)`,
    copied: 'copied from the prompt',
    emoji: `with ${EMOJI_RUN} or more emoji in a row`,
    medianLength: 'median length, characters',
  };
  return names[figure];
}

const count = (value: number): string => value.toLocaleString('en-US');

function shown(figures: Figures, figure: Figure): string {
  const value = figures[figure];
  if (value === null || figures.lines === 0) return '–';
  return figure === 'medianLength' ? count(value) : percent(value);
}
