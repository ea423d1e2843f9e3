import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderOf, placesOf, type Placed } from '../../src/judging/order.ts';

const questions = (count: number, repeats = 0): Placed[] => [
  ...Array.from({ length: count }, (_, n) => ({ id: `q${n}`, repeats: null })),
  ...Array.from({ length: repeats }, (_, n) => ({ id: `r${n}`, repeats: `q${n}` })),
];

test('every question once, and each side half of the time, whatever the others are', () => {
  let [left, lefts, sameAsBefore] = [0, new Map<number, number>(), 0];
  for (let order = 0; order < 2000; order++) {
    const places = placesOf(questions(20), 5, order);
    assert.equal(new Set(places.map(({ id }) => id)).size, 20);
    const inFirstTen = places.slice(0, 10).filter(({ isLeft }) => isLeft).length;
    lefts.set(inFirstTen, (lefts.get(inFirstTen) ?? 0) + 1);
    left += places.filter(({ isLeft }) => isLeft).length;
    sameAsBefore += places.slice(1).filter(({ isLeft }, i) => isLeft === places[i]!.isLeft).length;
  }
  assert.ok(Math.abs(left / 40_000 - 0.5) < 0.01, String(left));
  assert.ok(Math.abs(sameAsBefore / 38_000 - 0.5) < 0.01, String(sameAsBefore));
  // 252 of 1,024 in ten tosses
  assert.ok(Math.abs(lefts.get(5)! / 2000 - 0.246) < 0.03, String(lefts.get(5)));
});

test('who counts sides gains nothing, not even with those of the easy questions', () => {
  let [right, asked] = [0, 0];
  for (let order = 0; order < 1000; order++) {
    const places = placesOf(questions(144), 99, order);
    for (let start = 0; start < places.length; start += 10) {
      let balance = 0;
      for (const { id, isLeft } of places.slice(start, start + 10)) {
        if (Number(id.slice(1)) >= 108) {
          balance += isLeft ? 1 : -1;
          continue;
        }
        asked++;
        if (isLeft === balance < 0) right++;
      }
    }
  }
  assert.ok(Math.abs(right / asked - 0.5) < 0.005, `${right} of ${asked}`);
});

test('what is asked again comes in the second half, after the first time, with its sides changed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 12, max: 120 }),
      fc.integer({ min: 1, max: 6 }),
      fc.nat(),
      (count, repeats, order) => {
        const places = placesOf(questions(count, repeats), 5, order);
        const at = new Map(places.map((place, index) => [place.id, { ...place, index }]));
        assert.equal(at.size, count + repeats);
        for (let n = 0; n < repeats; n++) {
          const [first, again] = [at.get(`q${n}`)!, at.get(`r${n}`)!];
          assert.ok(again.index > first.index);
          assert.ok(again.index >= count / 2, `${again.index} of ${count}`);
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
