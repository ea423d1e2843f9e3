import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { clipped, rowsOn, textTable, wrapped } from '../../src/cli/screen/text-table.ts';

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

test('cutting a line counts cells, not colours', () => {
  assert.equal(clipped('\x1b[1mabcdef\x1b[22m', 4), '\x1b[1mabc\x1b[22m…');
  assert.equal(clipped('abcd', 4), 'abcd');
  assert.equal(clipped('🙂🙂🙂', 3), '🙂…');
  assert.equal(clipped('🙂🙂🙂', 2), '…');
  assert.equal(clipped('a🙂b', 3), 'a…', 'what follows a character that does not fit is left out');
});

test('a line that wraps takes as many rows as the terminal needs', () => {
  for (const [line, columns, rows] of [
    ['', 20, 1],
    ['x'.repeat(20), 20, 1],
    ['x'.repeat(21), 20, 2],
    ['\x1b[1m' + 'x'.repeat(20) + '\x1b[22m', 20, 1],
    ['茶'.repeat(10), 20, 1],
    ['茶'.repeat(11), 20, 2],
    ['茶'.repeat(20), 21, 2],
    ['茶'.repeat(21), 21, 3], // ten in a row, one cell stays empty
  ] as const)
    assert.equal(rowsOn(line, columns), rows, `${line} on ${columns}`);
});
