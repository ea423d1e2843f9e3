import type { JudgedByProgram, PairKind, Program } from '../../src/artifacts/questions.ts';
import type { FloorText, Floors } from './rivals/floor-texts.ts';
import type { Match } from './rivals/matching.ts';
import type { StartedModel } from './rivals/open-model.ts';
import type { Floor } from './params.ts';
import { judge, type Margins } from './judging/programs.ts';
import { realPairs, type RealPair } from './real/real-pairs.ts';
import { factsOf, type FoundText, type PlacedText, type Test, type TextFacts } from './test.ts';
import type { Window } from './real/windows.ts';

/** Two texts. `first` is the real one, in a duel the model's. */
export interface Pair {
  kind: PairKind;
  rival: string;
  /** where the first text stands */
  window: Window;
  draw: number;
  flags: string[];
  first: TextFacts;
  second: TextFacts;
  margins: Margins | null;
}

/** A pair before anything is known of its texts. */
export interface RawPair {
  kind: PairKind;
  rival: string;
  draw: number;
  flags: string[];
  first: FoundText;
  second: FoundText;
}

export type Programs = Record<Program, JudgedByProgram>;

/** Measures the texts of pairs under a model; programs judge the first `judged` of them. */
export async function measured(
  raw: readonly RawPair[],
  { model, judged, test }: { model: StartedModel; judged: number; test: Test },
): Promise<{ pairs: Pair[]; programs: Programs }> {
  const facts = await factsOf(
    raw.flatMap(({ first, second }) => [first, second]),
    model,
    test,
  );
  const pairs = raw.map(({ kind, rival, draw, flags, first }, i): Pair => ({
    kind,
    rival,
    draw,
    flags,
    window: first.window,
    first: facts[2 * i]!,
    second: facts[2 * i + 1]!,
    margins: null,
  }));
  const { margins, programs } = judge(
    pairs.slice(0, judged).map(({ first, second }) => ({ real: first, rival: second })),
    test.params.seed,
  );
  return { pairs: pairs.map((pair, i) => ({ ...pair, margins: margins[i] ?? null })), programs };
}

/** The pairs of one model: the questions for people, in turn with the other models, and those that only programs judge. */
export function modelPairs(model: number, { used }: Match, { params, models }: Test): RawPair[] {
  const questions = params.questions * models.length;
  return used.flatMap(({ matched, tries }, i): RawPair[] => {
    const isAsked = i < questions && i % models.length === model;
    if (!isAsked && i >= params.automatic) return [];
    const { draw, flags, lines, found } = tries[model]!;
    return [
      {
        kind: isAsked ? 'question' : 'automatic',
        rival: models[model]!.name,
        draw,
        flags,
        first: { window: matched.window, lines: matched.window.text, found: matched.realFound },
        second: { window: matched.window, lines: lines!, found },
      },
    ];
  });
}

/** Windows of which people are asked, besides the questions. */
export interface Extra {
  duels: Match['used'];
  catch: Match['all'];
}

/** What is asked in addition must be of conversations of which nothing else is asked. */
export function extraWindows({ all, used }: Match, { params, models }: Test, floors: Floors): Extra {
  const questions = params.questions * models.length;
  const duels = floors.writers.eliza ? params.duels * models.length : 0;
  const catches = Object.keys(floors.writers).length > 0 ? Math.round(params.catch * questions) : 0;
  const asked = used.slice(0, questions + duels);
  const free = new Set(all);
  for (const { matched } of asked) free.delete(matched);
  return { duels: asked.slice(questions), catch: [...free].slice(0, catches) };
}

/** What everybody recognizes who reads: ELIZA. Without her, all baselines in turn; the verdict then allows more misses. */
export const easiest = (names: readonly Floor[]): readonly Floor[] => (names.includes('eliza') ? ['eliza'] : names);

/** Texts of one rival, or of the rivals in turn, against real ones. */
export function floorPairs(
  kind: 'floor' | 'catch',
  windows: Match['all'],
  { writers }: Floors,
  names: readonly Floor[],
): (PlacedPair & { realFound: FoundText['found'] })[] {
  return windows.flatMap(({ window, realFound }, i) => {
    const rival = names[i % names.length]!;
    const text = writers[rival]!(window);
    return text ? [{ kind, rival, text, window, realFound }] : [];
  });
}

export interface PlacedPair {
  kind: 'floor' | 'catch';
  rival: string;
  text: FloorText;
  window: Window;
}

/** All that is set against real texts, and the duels, after one more look into train. */
export async function otherPairs(match: Match, extra: Extra, floors: Floors, test: Test): Promise<OtherPairs> {
  const { params, models } = test;
  const names = Object.keys(floors.writers) as Floor[];
  const automatic = match.used.slice(0, params.automatic).map(({ matched }) => matched);
  const catches = floorPairs('catch', extra.catch, floors, easiest(names));
  const byFloor = names.map((name) => floorPairs('floor', automatic, floors, [name]));
  const duels = extra.duels.map(({ matched, tries }, i) => ({
    rival: models[i % models.length]!.name,
    window: matched.window,
    one: tries[i % models.length]!,
    text: floors.writers.eliza!(matched.window)!,
  }));
  const real = realPairs([...test.windows.first, ...test.windows.second], params.automatic, params.seed, test.path);
  const texts: PlacedText[] = [
    ...[...byFloor.flat(), ...catches, ...duels].map(({ window, text }) => ({ window, lines: text.lines })),
    ...real.flatMap(({ direct, through }) => [direct, through]),
  ];
  const found = test.findInTrain(texts).values();
  const next = (): FoundText['found'] => found.next().value!;
  const rawOf = ({ kind, rival, text, window, realFound }: (typeof catches)[number]): RawPair => ({
    kind,
    rival,
    draw: text.draw,
    flags: [],
    first: { window, lines: window.text, found: realFound },
    second: { window, lines: text.lines, found: next() },
  });
  const rawFloors = byFloor.map((pairs) => pairs.map(rawOf));
  const rawCatches = catches.map(rawOf);
  const rawDuels = duels.map(({ rival, window, one, text }): RawPair => ({
    kind: 'duel',
    rival,
    draw: one.draw,
    flags: one.flags,
    first: { window, lines: one.lines!, found: one.found },
    second: { window, lines: text.lines, found: next() },
  }));
  const rawReal = real.map(({ direct, through }: RealPair): RawPair => ({
    kind: 'real',
    rival: 'real',
    draw: 0,
    flags: [],
    first: { ...direct, found: next() },
    second: { ...through, found: next() },
  }));
  return { floors: rawFloors, names, catches: rawCatches, duels: rawDuels, real: rawReal };
}

export interface OtherPairs {
  names: Floor[];
  /** for each of the names */
  floors: RawPair[][];
  catches: RawPair[];
  duels: RawPair[];
  real: RawPair[];
}
