import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countedHashes } from '../../stages/counted-hashes.ts';

test('counts hashes like a Map, also after some were removed', () => {
  const hash = fc.oneof(
    fc.nat(12),
    fc.maxSafeNat(),
    fc.nat(40).map((n) => n * 2 ** 33),
    fc.nat(40).map((n) => n * 4096),
  );
  fc.assert(
    fc.property(fc.array(hash, { maxLength: 300 }), fc.array(hash, { maxLength: 50 }), (first, later) => {
      const counted = countedHashes(350);
      const map = new Map<number, number>();
      const addAll = (hashes: number[]): void =>
        hashes.forEach((one) => (counted.add(one), map.set(one, (map.get(one) ?? 0) + 1)));
      const same = (): void => {
        const seen: [number, number][] = [];
        counted.forEach((one, count) => seen.push([one, count]));
        assert.deepEqual(new Map(seen), map);
        assert.equal(counted.size, map.size);
        for (const one of [...first, ...later]) assert.equal(counted.countOf(one), map.get(one) ?? 0);
      };
      addAll(first);
      same();
      counted.keepIf((one) => one % 4 === 0);
      for (const one of [...map.keys()]) if (one % 4 !== 0) map.delete(one);
      addAll(later);
      same();
    }),
  );
});

test('throws a RangeError beyond its capacity', () => {
  const counted = countedHashes(3);
  for (const one of [5, 6, 7, 5]) counted.add(one);
  assert.throws(() => counted.add(8), RangeError);
  assert.equal(counted.countOf(8), 0);
});
