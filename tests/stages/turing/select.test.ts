import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fitsLength } from '../../../stages/turing/rivals/matching.ts';
import { balanced } from '../../../stages/turing/rivals/select.ts';

test('a text fits within a share of the characters, or 15 of them', () => {
  assert.ok(fitsLength(100, 120, 0.2) && fitsLength(100, 80, 0.2) && fitsLength(40, 55, 0.2));
  assert.ok(!fitsLength(100, 121, 0.2) && !fitsLength(100, 79, 0.2) && !fitsLength(40, 56, 0.2));
});

test('whoever takes the longer text is right half of the time, at any time, for each model', () => {
  const candidates = fc.array(fc.record({ draw: fc.nat(3), difference: fc.integer({ min: -9, max: 9 }) }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(candidates, candidates), { maxLength: 60 }), (windows) => {
      const chosen = balanced(windows);
      assert.equal(new Set(chosen.map(({ window }) => window)).size, chosen.length);
      for (const model of [0, 1]) {
        let balance = 0;
        for (const { window, candidates: taken } of chosen) {
          assert.ok(windows[window]![model]!.includes(taken[model]!));
          balance += Math.sign(taken[model]!.difference);
          assert.ok(Math.abs(balance) <= 1);
        }
      }
    }),
  );
});

test('uses windows that waited as soon as they fit', () => {
  const one = (difference: number) => [[{ draw: 0, difference }]];
  assert.deepEqual(
    balanced([one(5), one(3), one(-1), one(-2), one(0), one(4)]).map(({ window }) => window),
    [0, 2, 3, 4, 5, 1],
  );
});
