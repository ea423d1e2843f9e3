import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { plainDecimal, plainDecimalText } from '../../src/numbers/plain-decimal.ts';

test('plainDecimal writes the same number without an exponent', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const text = plainDecimal(value);
      assert.ok(!text.includes('e'), text);
      assert.equal(Number(text), value === 0 ? 0 : value);
    }),
  );
});

test('plainDecimalText rewrites numbers without exponents and leaves other text alone', () => {
  for (const [text, plain] of [
    ['3e-7', '0.0000003'],
    ['1.5e-10', '0.00000000015'],
    ['-2.25e+22', '-22500000000000000000000'],
    ['0.0003', '0.0003'],
    ['3e-4', '3e-4'],
    ['1e5', '1e5'],
    ['abc', 'abc'],
    ['', ''],
  ] as const) {
    assert.equal(plainDecimalText(text), plain);
  }
  fc.assert(
    fc.property(fc.double({ noNaN: true }).filter(Number.isFinite), (value) => {
      const plain = plainDecimalText(String(value));
      assert.match(plain, /^-?\d+(\.\d+)?$/);
      assert.equal(Number(plain), Number(String(value)));
    }),
  );
});
