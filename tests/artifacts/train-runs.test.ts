import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { labelOf } from '../../src/tokenizer/token-labels.ts';
import type { TokenSplit } from '../../src/artifacts/tokens/tokens.ts';
import { findInTrain, isMemorized } from '../../src/artifacts/tokens/train-runs.ts';

const splitOf = (ids: number[], stamps: number[] = []): TokenSplit => ({
  tokens: ids.length,
  bytes: 0,
  documents: 1,
  starts: [0],
  read: (start, length) => Uint16Array.from(ids.slice(start, start + length)),
  labels: (start, length) =>
    Uint16Array.from({ length }, (_, i) => labelOf(stamps.includes(start + i) ? 'stamp' : 'text', 1)),
});

/** The same by looking at every place of train for every place of the text. */
function naive(train: number[], text: number[]): { longest: number; share: number; covered: number } {
  let longest = 0;
  const covered = new Set<number>();
  const runs = new Set<number>();
  for (let place = 0; place < text.length; place++)
    for (let start = 0; start < train.length; start++) {
      let length = 0;
      while (place + length < text.length && train[start + length] === text[place + length]) length++;
      if (length < 8) continue;
      longest = Math.max(longest, length);
      runs.add(place);
      for (let i = 0; i < length; i++) covered.add(place + i);
    }
  const places = Math.max(0, text.length - 7);
  return {
    longest,
    share: places === 0 ? 0 : runs.size / places,
    covered: text.length === 0 ? 0 : covered.size / text.length,
  };
}

test('finds in train what a comparison of all places finds', () => {
  const ids = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 60 });
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 300 }),
      fc.array(ids, { maxLength: 4 }),
      (train, texts) => {
        assert.deepEqual(
          findInTrain(splitOf(train), texts, ['stamp']),
          texts.map((text) => naive(train, text)),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('texts that were copied from train are memorized; stamps between their lines do not hide it', () => {
  const train = Array.from({ length: 500 }, (_, i) => (i * 7919) % 40_009);
  const copied = train.slice(100, 130);
  assert.ok(findInTrain(splitOf(train), [copied], ['stamp']).every(isMemorized));
  const stamped = train.flatMap((id, i) => (i % 10 === 0 ? [50_000, id] : [id]));
  const stamps = stamped.flatMap((id, i) => (id === 50_000 ? [i] : []));
  const [found] = findInTrain(splitOf(stamped, stamps), [copied], ['stamp']);
  assert.equal(found!.longest, 30);
  const [own, half] = findInTrain(
    splitOf(train),
    [copied.map((id) => id + 1), [...train.slice(200, 210), ...copied.slice(0, 8).map((id) => id + 1)]],
    ['stamp'],
  );
  assert.equal(isMemorized(own!), false);
  assert.deepEqual([half!.longest, isMemorized(half!)], [10, true]);
});
