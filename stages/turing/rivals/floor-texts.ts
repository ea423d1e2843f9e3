import { below, randomAt } from '../../../src/lm/random/random.ts';
import { elizaText, elsewhereText, habitsOf, LEAST_ENGLISH, ngramOf, ngramText } from './floors.ts';
import { fitsLength } from './matching.ts';
import type { Floor } from '../params.ts';
import { readText } from '../real/read-text.ts';
import { charactersOf, type ShownText } from '../real/shown.ts';
import type { Test } from '../test.ts';
import type { Window } from '../real/windows.ts';

export interface FloorText {
  lines: ShownText[];
  draw: number;
}

/** Writes texts that are easy to recognize. Null: none for this window. */
export type FloorWriter = (window: Window) => FloorText | null;

export interface Floors {
  writers: Partial<Record<Floor, FloorWriter>>;
  /** why the others are left out */
  leftOut: Record<string, string>;
}

/** `taken`: documents of which people read the real text, so it is no rival elsewhere. */
export function openFloors({ params, ...test }: Test, taken: ReadonlySet<number>): Floors {
  const { first, second } = test.windows;
  const habits = habitsOf(first);
  const others = [...second, ...first].filter(({ document }) => !taken.has(document));
  const floors: Floors = { writers: {}, leftOut: {} };
  for (const floor of params.against) {
    if (floor === 'eliza' && habits.english < LEAST_ENGLISH)
      floors.leftOut['eliza'] = 'ELIZA speaks English; hardly any held-out word is a common English one';
    else if (floor === 'eliza') floors.writers.eliza = (window) => ({ lines: elizaText(window, habits), draw: 0 });
    else if (floor === 'elsewhere' && others.length === 0)
      floors.leftOut['elsewhere'] = 'there are no held-out conversations but those that people are asked about';
    else if (floor === 'elsewhere')
      floors.writers.elsewhere = nearest(elsewhereTries(others, params.seed), params.lengthWithin);
    else floors.writers.ngram = nearest(ngramTries({ params, ...test }), params.lengthWithin);
  }
  return floors;
}

// ---------------------------------------------------------------------------

type Tries = (window: Window) => Iterable<FloorText>;

/** Texts that are tried for each window: with fewer, hardly any has the length of the real text. */
const TRIES = 16;

/** The first text that fits in length, and is longer or shorter so that both happen equally often; else the nearest. */
function nearest(tries: Tries, within: number): FloorWriter {
  let balance = 0;
  return (window) => {
    const real = charactersOf(window.text);
    const gap = (text: FloorText): number => real - charactersOf(text.lines);
    const all: FloorText[] = [];
    const taken = (text: FloorText): FloorText => {
      balance += Math.sign(gap(text));
      return text;
    };
    for (const text of tries(window)) {
      all.push(text);
      if (fitsLength(real, real - gap(text), within) && Math.abs(balance + Math.sign(gap(text))) <= 1)
        return taken(text);
    }
    const [best] = all.sort((a, b) => Math.abs(gap(a)) - Math.abs(gap(b)));
    return best ? taken(best) : null;
  };
}

const elsewhereTries = (others: readonly Window[], seed: number): Tries =>
  function* (window) {
    const random = randomAt(seed, 5, 'questions', window.document);
    const start = below(random, others.length);
    for (let draw = 0; draw < Math.min(4 * TRIES, others.length); draw++) {
      const other = others[(start + draw) % others.length]!;
      if (other.document !== window.document) yield { lines: elsewhereText(window, other), draw };
    }
  };

function ngramTries({ params, tokens, tokenizer, reading }: Test): Tries {
  const model = ngramOf(tokens.split('train'), tokens.index.vocabularySize);
  return function* (window) {
    for (let draw = 0; draw < TRIES; draw++) {
      const written = ngramText(window, draw, { model, seed: params.seed, tokenizer });
      const read = readText(written, { window, reader: reading.reader, lines: params.lines });
      if ('lines' in read) yield { lines: read.lines, draw };
    }
  };
}
