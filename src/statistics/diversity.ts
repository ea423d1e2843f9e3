import { deflateSync } from 'node:zlib';

/** The words, or token ids, of a text. */
export type Words = readonly (string | number)[];

/**
 * The share of different n-grams among all of some texts. It falls with length, so compare it only between equally many
 * texts of equal lengths. NaN if no text has n words.
 */
export function distinct(texts: readonly Words[], n: number): number {
  const all = texts.flatMap((text) => ngrams(text, n));
  return new Set(all).size / all.length;
}

/** The weight of an n-gram order without any match, so that one such order does not make the whole 0. */
const EPSILON = 0.1;

/**
 * The BLEU-`order` of each text with all others as references: 1 if every text is a copy of another. It grows with the
 * number of texts. The brevity penalty takes the reference nearest in length, the shorter of two. A text on its own, or
 * one without words, has 0.
 */
export function selfBleu(texts: readonly Words[], order = 3): number[] {
  const orders = Array.from({ length: order }, (_, i) => texts.map((text) => counted(ngrams(text, i + 1))));
  const largest = orders.map(twoLargest);
  return texts.map((text, i) => {
    if (texts.length < 2 || text.length === 0) return 0;
    const logs = orders.map((counts, n) => {
      let [matches, all] = [0, 0];
      for (const [gram, count] of counts[i]!) {
        const { first, owner, second } = largest[n]!.get(gram)!;
        matches += Math.min(count, owner === i ? second : first);
        all += count;
      }
      return Math.log((matches || EPSILON) / Math.max(1, all));
    });
    const nearest = nearestLength(texts, i);
    const brevity = text.length >= nearest ? 1 : Math.exp(1 - nearest / text.length);
    return brevity * Math.exp(logs.reduce((sum, log) => sum + log, 0) / order);
  });
}

/**
 * Compressed bytes per byte of UTF-8: small for text that repeats itself. NaN for an empty text. Versions of Node
 * differ by a few bytes.
 */
export const zlibRatio = (text: string): number =>
  deflateSync(text, { level: 9 }).length / (Buffer.byteLength(text) || NaN);

// ---------------------------------------------------------------------------

function ngrams(words: Words, n: number): string[] {
  return Array.from({ length: Math.max(0, words.length - n + 1) }, (_, i) => JSON.stringify(words.slice(i, i + n)));
}

function counted(grams: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const gram of grams) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  return counts;
}

/** For each n-gram, the largest count in any text, whose that is, and the largest in all others. */
function twoLargest(
  counts: readonly Map<string, number>[],
): Map<string, { first: number; owner: number; second: number }> {
  const largest = new Map<string, { first: number; owner: number; second: number }>();
  counts.forEach((text, i) => {
    for (const [gram, count] of text) {
      const known = largest.get(gram);
      if (!known) largest.set(gram, { first: count, owner: i, second: 0 });
      else if (count > known.first) largest.set(gram, { first: count, owner: i, second: known.first });
      else if (count > known.second) known.second = count;
    }
  });
  return largest;
}

function nearestLength(texts: readonly Words[], own: number): number {
  const length = texts[own]!.length;
  let nearest = Infinity;
  texts.forEach((text, i) => {
    const [gap, best] = [Math.abs(text.length - length), Math.abs(nearest - length)];
    if (i !== own && (gap < best || (gap === best && text.length < nearest))) nearest = text.length;
  });
  return nearest;
}
