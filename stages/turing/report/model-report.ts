import type { ModelReport } from '../../../src/artifacts/questions.ts';
import { healthOf, type Health } from '../../../src/health/health.ts';
import type { HealthText } from '../../../src/health/text.ts';
import type { LineReader } from '../../../src/held-out/line-reader.ts';
import { writtenLines } from '../../../src/held-out/written-lines.ts';
import { distinct, selfBleu, zlibRatio } from '../../../src/statistics/diversity.ts';
import { passedOverFor, type Match, type Try } from '../rivals/matching.ts';
import type { Programs } from '../pairs.ts';
import { FORM_FAULTS } from '../real/read-text.ts';
import { rounded } from '../judging/rounded.ts';
import { charactersOf, shown, type ShownText } from '../real/shown.ts';
import { isMemorized, type FoundInTrain } from '../../../src/artifacts/tokens/train-runs.ts';
import type { Window } from '../real/windows.ts';

/** Counts of what a model wrote. First draws are a fair sample; those that are used were selected. */
export function modelReport(
  model: number,
  { all, used }: Match,
  { programs, reader }: { programs: Programs; reader: LineReader },
): ModelReport {
  const firsts = all.map(({ window, tries }) => ({ window, one: tries[model]![0]! }));
  const readable = firsts.filter(({ one }) => one.lines !== null);
  const tries = all.flatMap((matched) => matched.tries[model]!);
  const more = firsts.flatMap(({ window, one }) => {
    const lines = one.lines ?? (one.isCut ? cutLines(one, reader) : null);
    return lines === null ? [] : [charactersOf(lines) - charactersOf(window.text)];
  });
  const passedOver = counted(firsts.flatMap(({ one }) => one.reason ?? []));
  const passed = firsts.filter(({ one }) => one.reason !== null).length;
  const another = firsts.filter(({ one }) => one.reason === null && passedOverFor(one) !== null).length;
  const generated = readable.map(({ one }) => one.found);
  const real = all.map(({ realFound }) => realFound);
  return {
    drawn: all.length,
    passedOver,
    passedOverShare: share(passed, all.length),
    otherLengthShare: share(another, all.length),
    draws: tries.length,
    tokens: tries.reduce((sum, one) => sum + one.tokens, 0),
    otherLength: tries.filter((one) => one.reason === null && !one.fits).length,
    firstDraws: {
      moreCharacters: rounded(mean(more)),
      longer: share(more.filter((difference) => difference > 0).length, more.length),
    },
    memorized: {
      generated: share(generated.filter(isMemorized).length, generated.length),
      real: share(real.filter(isMemorized).length, real.length),
    },
    recited: { generated: recited(generated), real: recited(real) },
    formFaults: counted(
      readable.flatMap(({ one }) => one.flags),
      FORM_FAULTS,
    ),
    health: roundedHealth(
      healthOf(
        firsts.map(({ window, one }) => [
          ...given(window),
          ...writtenLines({ prompt: '', text: one.written, isCut: one.isCut }, reader),
        ]),
        all.map(({ window }) => [...given(window), ...window.real.map(({ text }) => ({ text, isWritten: true }))]),
      ),
    ),
    diversity: {
      generated: diversity(used.map((one): Try['lines'] => one.tries[model]!.lines)),
      real: diversity(used.map(({ matched }) => matched.window.text)),
    },
    programs,
  };
}

// ---------------------------------------------------------------------------

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

const share = (part: number, all: number): number => rounded(all === 0 ? 0 : part / all);

function counted(names: readonly string[], all: readonly string[] = []): Record<string, number> {
  const counts = new Map(all.map((name) => [name, 0]));
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const recited = (found: readonly FoundInTrain[]): { share: number; longest: number } => ({
  share: rounded(mean(found.map((one) => one.share))),
  longest: found.reduce((most, { longest }) => Math.max(most, longest), 0),
});

/** What there is of a text that was cut: its length is at least that. */
const cutLines = ({ written }: Try, reader: LineReader): ShownText[] =>
  writtenLines({ prompt: '', text: written, isCut: true }, reader).map(({ who, text }) => ({
    who: who ?? '',
    text: shown(text),
  }));

const given = ({ context }: Window): HealthText => context.map(({ text }) => ({ text, isWritten: false }));

function roundedHealth({ generated, real, p, ...rest }: Health): ModelReport['health'] {
  const all = <T extends object>(values: T): T =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === 'number' ? rounded(value) : value]),
    ) as T;
  return { ...rest, generated: all(generated), real: all(real), p: all(p) };
}

/** Texts as lists of words. Compressed size is the mean, because one text of all would only show their number. */
function diversity(texts: readonly (readonly ShownText[] | null)[]): ModelReport['diversity']['real'] {
  const said = texts.map((lines) => lines!.map(({ text }) => text).join('\n'));
  const words = said.map((text) => text.toLowerCase().split(/\s+/));
  return {
    distinct1: rounded(distinct(words, 1)),
    distinct2: rounded(distinct(words, 2)),
    selfBleu3: rounded(mean(selfBleu(words, 3))),
    zlib: Number(mean(said.map(zlibRatio)).toFixed(2)),
  };
}
