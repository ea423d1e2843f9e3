import { permutation, randomAt } from '../../../src/lm/random/random.ts';
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
    else if (floor === 'elsewhere') {
      const { tries, take } = elsewhereTries(others, params.seed);
      floors.writers.elsewhere = nearest(tries, params.lengthWithin, take);
    } else floors.writers.ngram = nearest(ngramTries({ params, ...test }), params.lengthWithin);
  }
  return floors;
}

// ---------------------------------------------------------------------------

type Tries = (window: Window) => Iterable<FloorText>;

/** Texts that are tried for each window: with fewer, hardly any has the length of the real text. */
const TRIES = 16;

/** The first text that fits in length, and is longer or shorter so that both happen equally often; else the nearest. */
function nearest(tries: Tries, within: number, take: (text: FloorText) => void = () => undefined): FloorWriter {
  let balance = 0;
  return (window) => {
    const real = charactersOf(window.text);
    const gap = (text: FloorText): number => real - charactersOf(text.lines);
    const all: FloorText[] = [];
    const taken = (text: FloorText): FloorText => {
      balance += Math.sign(gap(text));
      take(text);
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

/** Each text is used once: programs would learn to recognize one that they meet again. */
function elsewhereTries(others: readonly Window[], seed: number): { tries: Tries; take(text: FloorText): void } {
  const left = [...permutation(randomAt(seed, 5, 'questions'), others.length)];
  return {
    take: ({ draw }) => void left.splice(left.indexOf(draw), 1),
    *tries(window) {
      for (const draw of left) {
        const other = others[draw]!;
        if (other.document !== window.document) yield { lines: elsewhereText(window, other), draw };
      }
    },
  };
}

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
