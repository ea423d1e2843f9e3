import { classOfLabel, labelOf, labelTokens, type TokenClass } from '../../../src/tokenizer/token-labels.ts';
import type { TextToScore } from '../../../src/generation/score-texts.ts';
import type { Tokenizer } from '../../../src/tokenizer/tokenizer.ts';
import type { LineReader } from '../../../src/held-out/line-reader.ts';
import type { ShownText } from './shown.ts';
import type { Window } from './windows.ts';

/** The tokens of a text as it is shown, with the stamps of the real lines, whoever wrote it. */
export interface TextTokens {
  /** after what a model reads before it writes; scored are the texts and line ends */
  toScore: TextToScore;
  /** the lines without their stamps and names */
  toFind: number[];
}

/**
 * Stamps and names are no recitation: a model is supposed to know them, and the head of a line may have so many tokens
 * that one word makes it a run.
 */
export const NOT_RECITED: readonly TokenClass[] = ['stamp', 'name'];

export function textTokens(
  lines: readonly ShownText[],
  { promptIds, real }: Pick<Window, 'promptIds' | 'real'>,
  { reader, tokenizer }: { reader: LineReader; tokenizer: Tokenizer },
): TextTokens {
  const pieces = lines.flatMap(({ who, text }, i) => reader.pieces({ stamps: real[i]?.stamps ?? [], who, text }));
  const whole = pieces.map(({ text }) => text).join('');
  const { head } = real[0]!;
  const headIds = tokenizer.encode(head);
  const restIds = tokenizer.encode(whole.slice(head.length));
  const ids = Uint16Array.from([...headIds, ...restIds]);
  const classes = classesOf(ids, pieces, tokenizer);
  const scored = restIds.flatMap((_, i) => (classes[headIds.length + i] === 'text' ? [promptIds.length + i] : []));
  return {
    toScore: { ids: [...promptIds, ...restIds], scored },
    toFind: [...ids].filter((_, i) => !NOT_RECITED.includes(classes[i]!)),
  };
}

// ---------------------------------------------------------------------------

function classesOf(
  ids: Uint16Array,
  pieces: ReturnType<LineReader['pieces']>,
  { byteLengths }: Tokenizer,
): TokenClass[] {
  let end = 0;
  const stretches = Uint32Array.from(
    pieces.flatMap(({ class: kind, text }) => [(end += Buffer.byteLength(text)), labelOf(kind, 0)]),
  );
  const labels = new Uint16Array(ids.length);
  labelTokens(ids, 0, ids.length, byteLengths, stretches, labels, new Uint32Array(4));
  return Array.from(labels, classOfLabel);
}
