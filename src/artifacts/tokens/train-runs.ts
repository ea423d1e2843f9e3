import type { TokenSplit } from './tokens.ts';
import { classNumber, TOKEN_CLASSES, type TokenClass } from '../../tokenizer/token-labels.ts';

/** What of a text is in train, token for token. */
export interface FoundInTrain {
  /** the most tokens in a row; below 8 it is not looked for, and 0 */
  longest: number;
  /** share of the runs of 8 tokens; 0 if there is none */
  share: number;
  /** share of the tokens that are in such runs */
  covered: number;
}

/** A text that has so long a run, or so much of it, in train counts as memorized. */
export const isMemorized = ({ longest, covered }: FoundInTrain): boolean => longest >= 20 || covered >= 0.5;

const RUN = 8;
const CHUNK = 2 ** 20;

/**
 * Looks for the tokens of texts in train, in one pass that reads each token once. Tokens of the classes `leaveOut` are
 * left out of train, and must be left out of the texts. Memory depends on the texts, not on train; ids are compared,
 * not only their hashes.
 */
export function findInTrain(
  train: Pick<TokenSplit, 'tokens' | 'read' | 'labels'>,
  texts: readonly (readonly number[])[],
  leaveOut: readonly TokenClass[],
): FoundInTrain[] {
  const search = newSearch(texts);
  const isLeftOut = TOKEN_CLASSES.map((one) => leaveOut.includes(one));
  for (let start = 0; start < train.tokens; start += CHUNK) {
    const length = Math.min(CHUNK, train.tokens - start);
    const ids = train.read(start, length);
    const labels = train.labels(start, length);
    for (let i = 0; i < length; i++) if (!isLeftOut[classNumber(labels[i]!)]) search.add(ids[i]!);
  }
  return search.result();
}

// ---------------------------------------------------------------------------

interface Gram {
  ids: readonly number[];
  /** where it is: text and place, from the last place of a text to its first */
  at: [text: number, place: number][];
}

function newSearch(texts: readonly (readonly number[])[]): { add(id: number): void; result(): FoundInTrain[] } {
  const grams = gramsOf(texts);
  const filter = new Uint8Array(2 ** 20);
  for (const hash of grams.keys()) filter[hash >>> 12] = 1;
  // For each place of each text: length of the run that ends with its gram, and where in train the latest one ended.
  const runs = texts.map((text) => new Uint32Array(text.length));
  const ends = texts.map((text) => new Float64Array(text.length));
  const longest = texts.map(() => 0);
  const recent = new Int32Array(RUN);
  let position = 0;
  let hash = 0;

  const meet = ({ at }: Gram): void => {
    for (const [text, place] of at) {
      const goesOn = place > 0 && ends[text]![place - 1] === position - 1;
      const run = goesOn ? runs[text]![place - 1]! + 1 : RUN;
      runs[text]![place] = run;
      ends[text]![place] = position;
      if (run > longest[text]!) longest[text] = run;
    }
  };
  return {
    add(id) {
      const slot = position % RUN;
      hash = (Math.imul(hash, FACTOR) + id + 1 - Math.imul(position >= RUN ? recent[slot]! + 1 : 0, OLDEST)) | 0;
      recent[slot] = id;
      position++;
      if (position < RUN || filter[hash >>> 12] === 0) return;
      const found = grams
        .get(hash >>> 0)
        ?.find(({ ids }) => ids.every((other, i) => other === recent[(position + i) % RUN]));
      if (found) meet(found);
    },
    result: () =>
      texts.map((text, i) => {
        const places = Math.max(0, text.length - RUN + 1);
        const isFound = Array.from({ length: places }, (_, place) => runs[i]![place]! > 0);
        const covered = text.filter((_, token) => isFound.slice(Math.max(0, token - RUN + 1), token + 1).some(Boolean));
        const found = isFound.filter(Boolean).length;
        return {
          longest: longest[i]!,
          share: places === 0 ? 0 : found / places,
          covered: text.length === 0 ? 0 : covered.length / text.length,
        };
      }),
  };
}

/** A rolling hash: the sum of (id + 1) · FACTOR^k, modulo 2^32. */
const FACTOR = 0x01000193;
const OLDEST = Array.from({ length: RUN }).reduce<number>((power) => Math.imul(power, FACTOR), 1);

function hashOf(ids: readonly number[]): number {
  return ids.reduce((hash, id) => (Math.imul(hash, FACTOR) + id + 1) | 0, 0) >>> 0;
}

/** hash → the runs of 8 ids that have it */
function gramsOf(texts: readonly (readonly number[])[]): Map<number, Gram[]> {
  const grams = new Map<number, Gram[]>();
  for (const [text, all] of texts.entries())
    for (let place = all.length - RUN; place >= 0; place--) {
      const ids = all.slice(place, place + RUN);
      const hash = hashOf(ids);
      const same = grams.get(hash) ?? [];
      grams.set(hash, same);
      const gram = same.find((other) => other.ids.every((id, i) => id === ids[i]));
      if (gram) gram.at.push([text, place]);
      else same.push({ ids, at: [[text, place]] });
    }
  return grams;
}
