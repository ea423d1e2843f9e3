import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import stringWidth from 'string-width';
import {
  clipped,
  clippedMiddle,
  clippedStart,
  hanging,
  rowsOn,
  textTable,
  wrapped,
} from '../../src/cli/screen/text-table.ts';

const columns = [
  { head: 'run', shrinks: 1 },
  { head: 'loss', right: true },
  { head: 'text', shrinks: 1 },
];
const rows = [
  ['20260102-first', '3.5', 'tea and the sea'],
  ['x', '12.25', '茶茶茶茶茶'],
];

test('columns are as wide as needed, numbers are right-aligned, wide characters count as two', () => {
  assert.deepEqual(textTable(columns, rows), [
    'run              loss  text',
    '20260102-first    3.5  tea and the sea',
    'x               12.25  茶茶茶茶茶',
  ]);
});

test('on a narrow terminal, only columns that may shrink are cut, the widest first', () => {
  assert.deepEqual(textTable(columns, rows, { width: 30 }), [
    'run          loss  text',
    '20260102-…    3.5  tea and th…',
    'x           12.25  茶茶茶茶茶',
  ]);
  for (const line of textTable(columns, rows, { width: 5 })) assert.ok(stringWidth(line) <= 5, line);
});

test('columns give way in their order: one that goes is left out before the next is cut', () => {
  const ordered = [
    { head: 'run', shrinks: 2, least: 9, cut: clippedMiddle },
    { head: 'about', shrinks: 1, goes: true },
    { head: 'loss', right: true },
  ];
  const row = ['conversations-9863', 'a long description', '3.461'];
  const at = (width: number): string => textTable(ordered, [row], { width })[1]!;
  assert.equal(at(45), 'conversations-9863  a long description  3.461');
  assert.equal(at(35), 'conversations-9863  a long …  3.461');
  assert.equal(at(33), 'conversations-9863  3.461');
  assert.equal(at(20), 'conver…s-9863  3.461');
  assert.equal(at(16), 'con…-9863  3.461');
});

test('a name is cut in its middle, a path at its start, and both keep their ends', () => {
  assert.equal(clippedMiddle('conversations-9863', 12), 'conver…-9863');
  assert.equal(clippedMiddle('short', 5), 'short');
  assert.equal(clippedStart('/home/me/runs/stages/model', 12), '…tages/model');
  fc.assert(
    fc.property(text, fc.integer({ min: 2, max: 40 }), (line, width) => {
      for (const cut of [clippedMiddle, clippedStart]) assert.ok(stringWidth(cut(line, width)) <= width);
    }),
  );
});

test('no word is broken while it fits into a line', () => {
  assert.deepEqual(hanging('  a sentence withaverylongword in it', 20, '  '), [
    '  a sentence',
    '  withaverylongword',
    '  in it',
  ]);
});

const text = fc
  .array(fc.constantFrom('a', 'bc', ' ', '茶', '👩‍👧', 'é'), { maxLength: 40 })
  .map((parts) => parts.join(''));

test('no line is too wide, and wrapping loses nothing', () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 4, max: 50 }), (line, width) => {
      assert.ok(stringWidth(clipped(line, width)) <= width);
      const lines = wrapped(line, width);
      for (const part of lines) assert.ok(stringWidth(part) <= width, part);
      assert.equal(lines.join('').replaceAll(' ', ''), line.replaceAll(' ', ''));
    }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, text, text), { maxLength: 6 }),
      fc.integer({ min: 40, max: 120 }),
      (cells, width) => {
        for (const line of textTable(
          columns.map((column) => ({ ...column, shrinks: 1 })),
          cells,
          { width },
        ))
          assert.ok(stringWidth(line) <= width, line);
      },
    ),
  );
});

test('cutting a line ignores colour codes', () => {
  assert.equal(clipped('\x1b[1mabcdef\x1b[22m', 4), '\x1b[1mabc\x1b[22m…');
  assert.equal(clipped('abcd', 4), 'abcd');
  assert.equal(clipped('🙂🙂🙂', 3), '🙂…');
  assert.equal(clipped('🙂🙂🙂', 2), '…');
  assert.equal(clipped('a🙂b', 3), 'a…', 'nothing is shown after a character that does not fit');
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
