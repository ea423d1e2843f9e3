import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { inverseNormal } from '../../src/lm/random/inverse-normal.ts';
import { philox } from '../../src/lm/random/philox.ts';
import { below, normal, permutation, randomAt, uniform, type Stream } from '../../src/lm/random/random.ts';

test('philox4x32-10 matches the known answers of Random123', () => {
  // github.com/DEShawResearch/random123, tests/kat_vectors: counter, key, output
  const known = [
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ];
  const words = (text: string): number[] => text.split(' ').map((word) => Number.parseInt(word, 16));
  for (const [counter, key, expected] of known) {
    const [key0, key1] = words(key!) as [number, number];
    const out = new Uint32Array(4);
    philox(Uint32Array.from(words(counter!)), key0, key1, out);
    assert.deepEqual([...out], words(expected!));
  }
});

test("the normal quantile matches Python's statistics.NormalDist().inv_cdf", () => {
  const known: [number, number][] = [
    [1e-20, -9.262340089798405],
    [1e-12, -7.034483825301132],
    [1e-9, -5.9978070150076865],
    [1e-5, -4.2648907939228256],
    [0.001, -3.090232306167813],
    [0.025, -1.9599639845400538],
    [0.07, -1.4757910281791702],
    [0.075, -1.4395314709384557],
    [0.25, -0.6744897501960817],
    [0.5, 0],
    [0.6, 0.2533471031357998],
    [0.93, 1.4757910281791708],
    [0.999, 3.090232306167813],
  ];
  for (const [probability, expected] of known) {
    const found = inverseNormal(probability);
    assert.ok(Math.abs(found - expected) <= 1e-14 * Math.max(1, Math.abs(expected)), `${probability}: ${found}`);
  }
});

test('seed, step, stream and lane each select a different sequence, and the same four the same one', () => {
  const words = (seed: number, step: number, stream: Stream, lane: number): string => {
    const random = randomAt(seed, step, stream, lane);
    return Array.from({ length: 9 }, random).join();
  };
  const base = words(1337, 731, 'order', 0);
  assert.equal(words(1337, 731, 'order', 0), base);
  const others = [
    words(1338, 731, 'order', 0),
    words(1337, 732, 'order', 0),
    words(1337, 731, 'phase', 0),
    words(1337, 731, 'order', 1),
    words(1337 + 2 ** 32, 731, 'order', 0),
  ];
  assert.equal(new Set([base, ...others]).size, 6);
  assert.throws(() => randomAt(-1, 0, 'order'), /a seed must be a whole number/);
  assert.throws(() => randomAt(0.5, 0, 'order'), /a seed must be a whole number/);
});

test('below stays within its bound and does not favour small numbers', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 32 }), fc.nat(), (bound, seed) => {
      const value = below(randomAt(seed, 0, 'mix'), bound);
      assert.ok(Number.isInteger(value) && value >= 0 && value < bound);
    }),
  );
  // With a bound of 3/4 of the range, taking the remainder would make the lowest third twice as likely.
  const random = randomAt(5, 0, 'mix');
  const bound = 3 * 2 ** 30;
  let low = 0;
  for (let i = 0; i < 30_000; i++) if (below(random, bound) < bound / 3) low++;
  assert.ok(Math.abs(low / 30_000 - 1 / 3) < 0.01, `${low}`);
  assert.throws(() => below(random, 0), /bound/);
});

test('words in the incomplete last interval are drawn again', () => {
  const words = [0xffffffff, 0xfffffffe, 7];
  assert.equal(
    below(() => words.shift()!, 3 * 2 ** 30),
    7,
  );
});

test('uniform and normal have the expected moments', () => {
  const random = randomAt(11, 0, 'weights');
  const count = 100_000;
  const moments = (values: number[], power: number): number =>
    values.reduce((sum, value) => sum + value ** power, 0) / count;
  const flat = Array.from({ length: count }, () => uniform(random));
  const bell = Array.from({ length: count }, () => normal(random));
  assert.ok(flat.every((value) => value > 0 && value < 1));
  assert.ok(Math.abs(moments(flat, 1) - 1 / 2) < 0.005 && Math.abs(moments(flat, 2) - 1 / 3) < 0.005);
  assert.ok(
    Math.abs(moments(bell, 1)) < 0.02 && Math.abs(moments(bell, 2) - 1) < 0.03 && Math.abs(moments(bell, 4) - 3) < 0.2,
  );
});

test('a permutation contains every number once, and all orders of three are equally likely', () => {
  fc.assert(
    fc.property(fc.nat({ max: 300 }), fc.nat(), (count, seed) => {
      const order = permutation(randomAt(seed, 0, 'order'), count);
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => i),
      );
    }),
  );
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const order = permutation(randomAt(seed, 0, 'order'), 3).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const [order, count] of counts) assert.ok(Math.abs(count - 1000) < 120, `${order}: ${count}`);
});
