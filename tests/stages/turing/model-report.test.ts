import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelReport } from '../../../stages/turing/report/model-report.ts';
import type { Match, Try } from '../../../stages/turing/rivals/matching.ts';
import { blindTest } from '../../kit/blind-test.ts';
import { readerOf, windowsOf } from './windows-kit.ts';

const reader = readerOf('{name}: {text}');
const { programs } = blindTest().report.byModel['model']!;
const found = { longest: 0, share: 0, covered: 0 };

/** A first try, of which only what was written matters. */
const tried = (written: string, isCut = false): Try => ({
  draw: 0,
  written,
  isCut,
  tokens: 9,
  lines: null,
  reason: 'empty line',
  fits: false,
  flags: [],
  found,
});

test('health is that of all first texts, whatever became of them, beside the real texts in the same places', () => {
  const windows = windowsOf(40, reader);
  const healthWith = (writtenFor: (window: (typeof windows)[number]) => Try) => {
    const all = windows.map((window) => ({
      window,
      realFound: found,
      tries: [[writtenFor(window), tried('Ann: never\n')]],
    }));
    return modelReport(0, { all, used: [] } satisfies Match, { programs, reader }).health;
  };
  const real = healthWith(({ real }) => tried(real.map(({ whole }) => `${whole}\n`).join('')));
  assert.deepEqual(real.generated, real.real);
  assert.deepEqual([real.real.lines, real.parts], [3 * windows.length, []]);
  const empty = healthWith(() => tried('Ann:\nBen: \n\n'));
  assert.equal(empty.generated.empty, 1);
  assert.deepEqual(empty.parts, ['empty', 'medianLength']);
  // What a text is cut in counts only if it is too long.
  assert.equal(healthWith(() => tried('Ann: what\nBen: an', true)).generated.lines, windows.length);
  const endless = healthWith(() => tried(`Ann: ${'so '.repeat(100)}`, true));
  assert.deepEqual([endless.generated.overLong, endless.generated.medianLength], [1, 300]);
  const copied = healthWith(({ context }) =>
    tried(`${context.toSorted((a, b) => b.text.length - a.text.length)[0]!.whole}\n`),
  );
  assert.ok(copied.generated.copied > 0.9 && copied.parts.includes('copied'));
  assert.equal(copied.real.copied, 0);
});

test('texts of another length, and those that were cut, are passed over too', () => {
  const windows = windowsOf(40, reader).slice(0, 10);
  const firsts: Partial<Try>[] = [
    { reason: 'empty line' },
    { reason: null, lines: [{ who: 'Ann', text: 'x' }], fits: false },
    { reason: null, isCut: true, written: `Ann: ${'so '.repeat(200)}` },
    ...Array.from({ length: 7 }, () => ({ reason: null, lines: [{ who: 'Ann', text: 'x' }], fits: true })),
  ];
  const all = windows.map((window, i) => ({
    window,
    realFound: found,
    tries: [[{ ...tried('Ann: x\n'), ...firsts[i] }]],
  }));
  const report = modelReport(0, { all, used: [] }, { programs, reader });
  const { firstDraws } = report;
  assert.deepEqual(report.passedOver, { 'empty line': 1 });
  assert.equal(report.passedOverShare, 0.1);
  assert.equal(report.otherLengthShare, 0.2);
  assert.ok(Math.abs(firstDraws.longer - 1 / 9) < 1e-6, 'one of nine that have a length');
});
