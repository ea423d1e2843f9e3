import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { clipped, textTable, wrapped } from '../../src/cli/screen/text-table.ts';

const columns = [
  { head: 'run', shrinks: true },
  { head: 'loss', right: true },
  { head: 'said', shrinks: true },
];
const rows = [
  ['20260102-first', '3.5', 'tea and the sea'],
  ['x', '12.25', '茶茶茶茶茶'],
];

test('columns as wide as they need, numbers to the right, wide characters counted as two', () => {
  assert.deepEqual(textTable(columns, rows), [
    'run              loss  said',
    '20260102-first    3.5  tea and the sea',
    'x               12.25  茶茶茶茶茶',
  ]);
});

test('a narrow terminal: what may shrink is cut, the widest first; what must be seen is whole', () => {
  assert.deepEqual(textTable(columns, rows, { width: 30 }), [
    'run          loss  said',
    '20260102-…    3.5  tea and th…',
    'x           12.25  茶茶茶茶茶',
  ]);
  assert.deepEqual(
    textTable(columns, rows, { width: 5 }).map((line) => line.split(/\s+/)[1]),
    ['loss', '3.5', '12.25'],
  );
});

const text = fc
  .array(fc.constantFrom('a', 'bc', ' ', '茶', '👩‍👧', 'é'), { maxLength: 40 })
  .map((parts) => parts.join(''));

test('no line is wider than asked, and nothing is lost by wrapping', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 50 }), (one, width) => {
      assert.ok(stringWidth(clipped(one, width)) <= width);
      const lines = wrapped(one, width);
      for (const line of lines) assert.ok(stringWidth(line) <= width, line);
      assert.equal(lines.join('').replaceAll(' ', ''), one.replaceAll(' ', ''));
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, text), { maxLength: 6 }),
      fc.integer({ min: 40, max: 120 }),
      (cells, width) => {
        for (const line of textTable(
          columns.map((column) => ({ ...column, shrinks: true })),
          cells,
          { width },
        ))
          assert.ok(stringWidth(line) <= width, line);
      },
    ),
  );
});
