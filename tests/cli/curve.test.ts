import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { curveLines } from '../../src/cli/screen/curve.ts';

test('a straight fall is a diagonal, between the labels of its ends', () => {
  const points = Array.from({ length: 11 }, (_, i) => ({ step: i * 10, value: 10 - i }));
  assert.deepEqual(curveLines(points, 24), [
    '  10 ⠑⠢⢄⡀',
    '        ⠈⠒⠤⣀',
    '            ⠉⠒⠤⢄⡀',
    '                ⠈⠑⠢⢄⡀',
    '   0                ⠈⠑⠤⣀',
    '     0          step 100',
  ]);
});

test('a flat curve is drawn; too few points, one step or a narrow terminal give nothing', () => {
  const flat = [0, 1, 2].map((step) => ({ step, value: 3 }));
  assert.match(curveLines(flat, 40)[0]!, /^ {2}3 ⠉{30,}$/);
  assert.deepEqual(curveLines(flat.slice(1), 40), []);
  assert.deepEqual(curveLines([...flat.slice(1), { step: 3, value: NaN }], 40), []);
  assert.deepEqual(
    curveLines(
      flat.map(({ value }) => ({ step: 7, value })),
      40,
    ),
    [],
  );
  assert.deepEqual(curveLines(flat, 12), []);
});

test('no line is wider than the terminal, whatever the values', () => {
  const value = fc.oneof(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), fc.float({ noNaN: true, min: 0, max: 12 }));
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 3, maxLength: 400 }),
      fc.integer({ min: 20, max: 200 }),
      (values, columns) => {
        const lines = curveLines(
          values.map((y, step) => ({ step, value: y })),
          columns,
        );
        for (const line of lines) assert.ok(stringWidth(line) <= columns, line);
      },
    ),
  );
});
