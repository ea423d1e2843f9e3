import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderOf, placesOf, type Placed } from '../../src/judging/order.ts';

const questions = (count: number, repeats = 0): Placed[] => [
  ...Array.from({ length: count }, (_, n) => ({ id: `q${n}`, repeats: null })),
  ...Array.from({ length: repeats }, (_, n) => ({ id: `r${n}`, repeats: `q${n}` })),
];

test('every question once; in each block of ten the real text is on the left five times', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), (count, order) => {
      const places = placesOf(questions(count), 5, order);
      assert.deepEqual(new Set(places.map(({ id }) => id)).size, count);
      assert.equal(places.length, count);
      for (let start = 0; start < count; start += 10) {
        const block = places.slice(start, start + 10);
        const left = block.filter(({ isLeft }) => isLeft).length;
        assert.ok(Math.abs(left - block.length / 2) <= 0.5, `${left} of ${block.length}`);
      }
    }),
  );
});

test('what is asked again comes in the second half, after the first time, with its sides changed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 120 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      (count, repeats, order) => {
        const places = placesOf(questions(count, repeats), 5, order);
        // Up to five sides that are given leave room to balance a block.
        for (let start = 0; start + 10 <= places.length && repeats <= 5; start += 10)
          assert.equal(places.slice(start, start + 10).filter(({ isLeft }) => isLeft).length, 5);
        const at = new Map(places.map((place, index) => [place.id, { ...place, index }]));
        assert.equal(at.size, count + repeats);
        for (let n = 0; n < repeats; n++) {
          const [first, again] = [at.get(`q${n}`)!, at.get(`r${n}`)!];
          assert.ok(again.index > first.index);
          assert.ok(again.index >= count / 2, `${again.index} of ${count}`);
          if (Math.floor(first.index / 10) !== Math.floor(again.index / 10))
            assert.notEqual(again.isLeft, first.isLeft);
        }
      },
    ),
  );
});

test('each judge has an order of their own, which is always the same', () => {
  const order = (name: string): string => JSON.stringify(placesOf(questions(30), 5, orderOf(name)));
  assert.equal(order('ann'), order('ann'));
  assert.notEqual(order('ann'), order('bob'));
  assert.notEqual(JSON.stringify(placesOf(questions(30), 6, orderOf('ann'))), order('ann'));
});
