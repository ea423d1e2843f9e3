import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { counted, withCommas } from '../../src/numbers/counted.ts';
import { product } from '../../src/numbers/product.ts';

test('formats numbers with commas and pluralizes nouns', () => {
  assert.deepEqual([0, 999, 51_200, 1234.5].map(withCommas), ['0', '999', '51,200', '1,234.5']);
  assert.deepEqual(
    [0, 1, 2, 51_200].map((value) => counted(value, 'file')),
    ['0 files', '1 file', '2 files', '51,200 files'],
  );
  assert.equal(counted(1, 'entry', 'entries'), '1 entry');
  assert.equal(counted(3, 'entry', 'entries'), '3 entries');
});

test('formats numbers as English notation does', () => {
  const value = fc.oneof(
    fc.integer(),
    fc.integer({ min: -2_000_000_000, max: 2_000_000_000 }).map((n) => n / 1000),
    fc.maxSafeInteger(),
  );
  fc.assert(fc.property(value, (n) => assert.equal(withCommas(n), (n === 0 ? 0 : n).toLocaleString('en-US'))));
});

test('computes the size of a shape', () => {
  assert.deepEqual([[], [7], [2, 3, 4], [5, 0]].map(product), [1, 7, 24, 0]);
});
