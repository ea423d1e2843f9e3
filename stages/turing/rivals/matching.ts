import { StageStopped } from '../../../src/pipeline/stage-kind.ts';
import { drawTexts, type DrawRules, type Drawn } from './draws.ts';
import { ROWS, type StartedModel } from './open-model.ts';
import { readText } from '../real/read-text.ts';
import { balanced, type Candidate } from './select.ts';
import { charactersOf, type ShownText } from '../real/shown.ts';
import type { Test } from '../test.ts';
import { isMemorized, type FoundInTrain } from '../../../src/artifacts/tokens/train-runs.ts';
import type { Window } from '../real/windows.ts';

/** What became of a text that a model wrote. */
export interface Try extends Drawn {
  draw: number;
  /** null if it cannot be shown */
  lines: ShownText[] | null;
  /** why it is not used, if that is a matter of its form; `memorized` is found out last */
  reason: string | null;
  /** whether its length is that of the real text, or near */
  fits: boolean;
  flags: string[];
  found: FoundInTrain;
}

export interface MatchedWindow {
  window: Window;
  realFound: FoundInTrain;
  /** for each model, its tries in the order of the draws */
  tries: Try[][];
}

export interface Match {
  /** what was looked at */
  all: MatchedWindow[];
  /** those that are used, in this order, each with the try of each model that is used */
  used: { matched: MatchedWindow; tries: Try[] }[];
}

/** Whether a text is as long as a real one: within a share of its characters, or 15 of them. */
export const fitsLength = (real: number, other: number, within: number): boolean =>
  Math.abs(real - other) <= Math.max(15, within * real);

/** Why a text is not used; null if it can be. What was cut was much longer than the real text. */
export const passedOverFor = ({ reason, isCut, fits }: Try): string | null =>
  reason ?? (isCut ? 'much longer' : fits ? null : 'different length');

/** Lets the models write for windows until `wanted` of them have a text of each model that fits, or all were tried. */
export async function match(windows: readonly Window[], wanted: number, test: Test): Promise<Match> {
  const all: MatchedWindow[] = [];
  for (;;) {
    const used = usedOf(all);
    if (used.length >= wanted || all.length === windows.length) return { all, used: used.slice(0, wanted) };
    const missing = wanted - used.length;
    all.push(...(await tried(windows.slice(all.length, all.length + missing + Math.ceil(missing / 2)), test)));
  }
}

/** What would be used if memorized texts were not passed over. */
export const withMemorized = ({ all }: Match, wanted: number): Match => ({
  all,
  used: usedOf(all, ({ reason, fits }) => (reason === null || reason === 'memorized') && fits).slice(0, wanted),
});

// ---------------------------------------------------------------------------

function usedOf(all: readonly MatchedWindow[], isWanted = isUsable): Match['used'] {
  const candidates = all.map(({ window, realFound, tries }) =>
    tries.map((ofModel) =>
      isMemorized(realFound)
        ? []
        : ofModel.filter(isWanted).map(({ draw, lines }): Candidate => ({
            draw,
            difference: charactersOf(window.text) - charactersOf(lines!),
          })),
    ),
  );
  return balanced(candidates).map((chosen) => ({
    matched: all[chosen.window]!,
    tries: chosen.candidates.map(({ draw }, model) => all[chosen.window]!.tries[model]![draw]!),
  }));
}

async function tried(windows: readonly Window[], test: Test): Promise<MatchedWindow[]> {
  const tries = windows.map((): Try[][] => test.models.map(() => []));
  for (const [index, model] of test.models.entries())
    for (let draw = 0; draw < test.params.draws; draw++) {
      const open = windows.flatMap((_, i) => (tries[i]![index]!.some(isUsable) ? [] : [i]));
      const jobs = open.map((i) => ({ window: windows[i]!, draw }));
      const texts = await drawnBy(model, jobs, test);
      for (const [i, at] of open.entries()) tries[at]![index]!.push(tryOf(texts[i]!, jobs[i]!, test));
    }
  return withFound(windows, tries, test);
}

function isUsable(one: Try): boolean {
  return passedOverFor(one) === null;
}

async function drawnBy(
  { rows, stopIds }: StartedModel,
  jobs: { window: Window; draw: number }[],
  { params, signal, tokenizer, reading: { reader }, progress }: Test,
): Promise<Drawn[]> {
  const rules: DrawRules = params;
  progress.willDraw(jobs.length);
  try {
    return await drawTexts(jobs, {
      rows,
      atOnce: ROWS,
      tokenizer,
      reader,
      stopIds,
      rules,
      signal,
      report: progress.drawn,
    });
  } catch (error) {
    if (signal.aborted) throw new StageStopped();
    throw error;
  }
}

const NOT_FOUND: FoundInTrain = { longest: 0, share: 0, covered: 0 };

function tryOf(drawn: Drawn, { window, draw }: { window: Window; draw: number }, test: Test): Try {
  const { written, isCut } = drawn;
  const rest = { ...drawn, draw, fits: false, flags: [], found: NOT_FOUND };
  if (isCut) return { ...rest, lines: null, reason: null };
  const read = readText(written, { window, reader: test.reading.reader, lines: test.params.lines });
  if ('reason' in read) return { ...rest, lines: null, reason: read.reason };
  const fits = fitsLength(charactersOf(window.text), charactersOf(read.lines), test.params.lengthWithin);
  return { ...rest, lines: read.lines, reason: null, fits, flags: read.faults };
}

/** Looks for the real texts, and all that the models wrote, in train. */
function withFound(windows: readonly Window[], tries: Try[][][], test: Test): MatchedWindow[] {
  const texts = windows.flatMap((window, i) => [
    { window, lines: window.text },
    ...tries[i]!.flat().flatMap(({ lines }) => (lines ? [{ window, lines }] : [])),
  ]);
  const found = test.findInTrain(texts);
  let next = 0;
  return windows.map((window, i) => ({
    window,
    realFound: found[next++]!,
    tries: tries[i]!.map((ofModel) =>
      ofModel.map((one): Try => {
        if (one.lines === null) return one;
        const inTrain = found[next++]!;
        return { ...one, found: inTrain, reason: isMemorized(inTrain) ? 'memorized' : null };
      }),
    ),
  }));
}
