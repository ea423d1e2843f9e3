import { below, permutation, randomAt } from '../../../src/lm/random/random.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import type { LineReader } from '../../../src/held-out/line-reader.ts';
import { readText } from './read-text.ts';
import { charactersOf } from './shown.ts';
import type { PlacedText } from '../test.ts';
import type { Window } from './windows.ts';

/** Two real texts, each in its own conversation. One went the way of the model's texts. */
export interface RealPair {
  direct: PlacedText;
  through: PlacedText;
}

/** A real text that goes the way of a model's: encoded, decoded, taken apart and shown. */
export function throughModelsPath(
  window: Window,
  { tokenizer, reader }: { tokenizer: Tokenizer; reader: LineReader },
): PlacedText | null {
  const { head } = window.real[0]!;
  const rest = window.real
    .map(({ whole }) => `${whole}\n`)
    .join('')
    .slice(head.length);
  const written = `${head}${tokenizer.decode(tokenizer.encode(rest))}`;
  const read = readText(written, { window, reader, lines: window.real.length });
  return 'lines' in read ? { window, lines: read.lines } : null;
}

/** Pairs of neighbours in length, from different conversations. Each window is in at most one pair. */
export function pairedByLength(windows: readonly Window[], most: number, seed: number): [Window, Window][] {
  const sorted = windows
    .map((window) => ({ window, length: charactersOf(window.text) }))
    .sort((a, b) => a.length - b.length || a.window.document - b.window.document || a.window.line - b.window.line)
    .map(({ window }) => window);
  const pairs: [Window, Window][] = [];
  for (let i = 0; i + 1 < sorted.length; i++)
    if (sorted[i]!.document !== sorted[i + 1]!.document) pairs.push([sorted[i]!, sorted[++i]!]);
  const coin = randomAt(seed, 6, 'questions');
  const turned = pairs.map(([a, b]): [Window, Window] => (below(coin, 2) === 0 ? [a, b] : [b, a]));
  return [...permutation(coin, turned.length)].slice(0, most).map((i) => turned[i]!);
}

/** Real texts against real texts: nobody can tell them, unless the test gives something away. */
export function realPairs(
  windows: readonly Window[],
  most: number,
  seed: number,
  path: (window: Window) => PlacedText | null,
): RealPair[] {
  return pairedByLength(windows, most, seed).flatMap(([first, second]) => {
    const through = path(second);
    return through ? [{ direct: { window: first, lines: first.text }, through }] : [];
  });
}
