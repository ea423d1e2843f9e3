import type { KeyEntry, Question, ShownLine } from '../../src/artifacts/questions.ts';
import { below, permutation, randomAt, type Random } from '../../src/lm/random/random.ts';
import type { Pair } from './pairs.ts';
import type { Params } from './params.ts';
import { lettersFor, shown, type ShownText } from './real/shown.ts';

export interface Assembled {
  questions: Question[];
  key: KeyEntry[];
}

/** Puts the questions into an order, and the texts on sides. `asked` are for people; `other` only for programs. */
export function assemble(asked: readonly Pair[], other: readonly Pair[], params: Params): Assembled {
  const random = randomAt(params.seed, 7, 'questions');
  const ordered = [...permutation(random, asked.length)].map((i) => asked[i]!);
  const sides = params.design === 'single' ? inBlocks(ordered.length, random) : halves(ordered.length, random);
  const slots = withRepeats(
    ordered.map((pair, i): Slot => ({ pair, isFirst: sides[i]! && !isSingleCatch(pair, params), of: null })),
    params,
    random,
  );
  const width = String(slots.length).length;
  const idOf = (i: number): string => `q${String(i + 1).padStart(Math.max(3, width), '0')}`;
  const key = slots.map(({ pair, isFirst, of }, i) =>
    keyEntry(pair, { id: idOf(i), isFirst, params, ...(of === null ? {} : { of: idOf(slots.indexOf(of)) }) }),
  );
  const counts = new Map<string, number>();
  const rest = other.map((pair) => {
    const count = (counts.get(pair.rival) ?? 0) + 1;
    counts.set(pair.rival, count);
    const id = `${pair.kind}-${pair.rival}-${String(count).padStart(4, '0')}`;
    return keyEntry(pair, { id, isFirst: below(random, 2) === 0, params });
  });
  const questions = slots.map(({ pair, isFirst }, i) => questionOf(pair, { id: idOf(i), isFirst, params }));
  return { questions, key: [...key, ...rest] };
}

// ---------------------------------------------------------------------------

interface Slot {
  pair: Pair;
  /** whether the pair's first text is on side a */
  isFirst: boolean;
  /** the question that is asked again */
  of: Slot | null;
}

/** Half of them true, in any order. */
function halves(count: number, random: Random): boolean[] {
  return Array.from(permutation(random, count), (i) => i % 2 === 0);
}

/** Half true in each block of 4 to 8, so that counting does not help; an odd block has one more of either. */
function inBlocks(count: number, random: Random): boolean[] {
  const all: boolean[] = [];
  while (all.length < count) {
    const flip = below(random, 2) === 0;
    all.push(...halves(4 + below(random, 5), random).map((value) => value !== flip));
  }
  return all.slice(0, count);
}

/** Asks questions of the first half again, in the second half, with their sides changed. */
function withRepeats(slots: Slot[], { repeats }: Params, random: Random): Slot[] {
  const questions = slots.filter(({ pair }) => pair.kind === 'question').length;
  const half = Math.ceil(slots.length / 2);
  const early = slots.slice(0, half).filter(({ pair }) => pair.kind === 'question');
  const count = Math.min(early.length, Math.round(repeats * questions));
  const again = [...permutation(random, early.length)].slice(0, count).map((i): Slot => {
    const of = early[i]!;
    return { pair: { ...of.pair, kind: 'repeat', margins: null }, isFirst: of.isFirst, of };
  });
  const all = [...slots];
  for (const slot of again) all.splice(half + below(random, all.length - half + 1), 0, slot);
  return all;
}

interface Placed {
  id: string;
  isFirst: boolean;
  params: Params;
  of?: string;
}

const isSingle = ({ kind }: Pair, { design }: Params): boolean => design === 'single' && kind !== 'duel';

/** Of the easy question whether a text is real, only the baseline's text is easy: it is the one that is shown. */
const isSingleCatch = (pair: Pair, params: Params): boolean => pair.kind === 'catch' && isSingle(pair, params);

function keyEntry(pair: Pair, { id, isFirst, params, of }: Placed): KeyEntry {
  // A repetition shows a pair the other way round; a single text is shown as it was.
  const firstOnA = of !== undefined && !isSingle(pair, params) ? !isFirst : isFirst;
  const { kind, rival, window, draw, flags, first, second, margins } = pair;
  const side = firstOnA ? 'a' : 'b';
  const both = <T>(of: (facts: Pair['first']) => T): [T, T] =>
    firstOnA ? [of(first), of(second)] : [of(second), of(first)];
  return {
    id,
    kind,
    ...(of === undefined ? {} : { of }),
    real: kind === 'duel' ? null : side,
    rival,
    ...(kind === 'duel' ? { model: side } : {}),
    person: window.real[0]!.speaker,
    document: window.document,
    line: window.line,
    seed: params.seed,
    draw,
    chars: both(({ chars }) => chars),
    tokens: both(({ tokens }) => tokens),
    logProbability: both(({ logProbability }) => logProbability),
    ranks: both(({ ranks }): [number, number, number] => [...ranks]),
    longestRun: both(({ longestRun }) => longestRun),
    recited: both(({ recited }) => recited),
    punctuation: both(({ punctuation }) => punctuation),
    flags,
    margins,
  };
}

function questionOf(pair: Pair, { id, isFirst, params }: Placed): Question {
  const { window, first, second, kind } = pair;
  const single = isSingle(pair, params);
  const firstOnA = kind === 'repeat' && !single ? !isFirst : isFirst;
  const context = window.context.map(({ who, text }) => ({ who, text: shown(text) }));
  // Who speaks first in either text must not tell which one is real, so the order is that of the conversation's people.
  const later = window.people.filter((name) => [...first.lines, ...second.lines].some(({ who }) => who === name));
  const starter = window.real[0]!.who;
  const letters = lettersFor([...context.map(({ who }) => who), starter, ...later]);
  const lineOf = ({ who, text }: ShownText): ShownLine => [params.names === 'letters' ? letters.get(who)! : who, text];
  const [a, b] = firstOnA ? [first, second] : [second, first];
  return {
    id,
    design: single ? 'single' : 'pair',
    context: context.map(lineOf),
    a: a.lines.map(lineOf),
    ...(single ? {} : { b: b.lines.map(lineOf) }),
  };
}
