import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distinct, selfBleu, zlibRatio } from '../../src/statistics/diversity.ts';
import { assertDigits } from './kit.ts';

const texts = ['the cat sat on the mat', 'the cat sat on the hat', 'a dog ran in the park'].map((text) =>
  text.split(' '),
);

test('distinct n-grams and self-BLEU, by hand', () => {
  assert.deepEqual([distinct(texts, 1), distinct(texts, 2), distinct(texts, 3)], [11 / 18, 11 / 15, 9 / 12]);
  const bleu = selfBleu(texts);
  ['.793700526', '.793700526', '.043679023'].forEach((expected, i) => assertDigits(bleu[i]!, expected));
  assertDigits(bleu.reduce((sum, value) => sum + value, 0) / 3, '.543693358');
});

test('copies have a self-BLEU of 1; a short text pays for its brevity', () => {
  assert.deepEqual(
    selfBleu([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]).map((value) => Number(value.toFixed(12))),
    [1, 1],
  );
  const [short] = selfBleu([
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'd', 'e', 'f'],
  ]);
  assertDigits(short!, '.367879441'); // exp(1 - 6/3)
  assert.deepEqual(selfBleu([['a']]), [0]);
  assert.deepEqual(selfBleu([[], ['a', 'b', 'c']])[0], 0);
});

test('self-BLEU matches a direct computation', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), (texts) => {
      selfBleu(texts).forEach((value, i) => assert.ok(Math.abs(value - directBleu(texts, i)) < 1e-12));
    }),
  );
});

test('text that repeats itself compresses better', () => {
  assert.ok(
    zlibRatio('ha '.repeat(200)) < 0.1 && zlibRatio('Franz jagt im komplett verwahrlosten Taxi quer durch') > 0.8,
  );
  assert.ok(Number.isNaN(zlibRatio('')));
});

function directBleu(texts: string[][], own: number): number {
  const hypothesis = texts[own]!;
  const others = texts.filter((_, i) => i !== own);
  const count = (text: string[], gram: string, n: number): number =>
    text.filter((_, i) => i + n <= text.length && text.slice(i, i + n).join() === gram).length;
  let product = 1;
  for (const n of [1, 2, 3]) {
    const grams = hypothesis.flatMap((_, i) => (i + n <= hypothesis.length ? [hypothesis.slice(i, i + n).join()] : []));
    let matches = 0;
    for (const gram of new Set(grams))
      matches += Math.min(count(hypothesis, gram, n), Math.max(...others.map((text) => count(text, gram, n))));
    product *= (matches || 0.1) / Math.max(1, grams.length);
  }
  const length = hypothesis.length;
  const nearest = others
    .map((text) => text.length)
    .sort((a, b) => Math.abs(a - length) - Math.abs(b - length) || a - b)[0]!;
  return Math.min(1, Math.exp(1 - nearest / length)) * Math.cbrt(product);
}
