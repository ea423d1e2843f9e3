import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FIGURES, healthOf } from '../../src/health/health.ts';
import { aboutHealth, healthLines, healthTable } from '../../src/health/health-report.ts';
import { longestUsual, markedLines } from '../../src/health/marks.ts';
import { inPieces, type HealthText } from '../../src/health/text.ts';

const written = (...texts: string[]): HealthText => texts.map((text) => ({ text, isWritten: true }));
const given = (...texts: string[]): HealthText => texts.map((text) => ({ text, isWritten: false }));
const faultsOf = (text: HealthText, longest = 1000): string[] =>
  markedLines([text], longest)[0]!.map(({ faults }) => faults.join(' '));

test('lines that are empty, repeated or over-long', () => {
  assert.deepEqual(faultsOf(written('hi', '', ' \t', '\u200b\u0007', 'ho', 'hi ', 'Hi')), [
    '',
    'empty',
    'empty',
    'empty',
    '',
    'repeated',
    '',
  ]);
  assert.deepEqual(
    markedLines([written('hi'), written('hi')], 9)
      .flat()
      .map(({ faults }) => faults),
    [[], []],
  );
  // a character is a code point
  assert.deepEqual(faultsOf(written('12345', '123456', '😀😀a😀😀'), 5), ['', 'overLong', '']);
  assert.deepEqual(faultsOf([...given('hi'), ...written('hi', 'hi')]), ['', 'repeated'], 'short lines are not copied');
});

test('a line is copied if 20 characters or more of the lines before it that were not written are all that it says', () => {
  const [twenty, nineteen] = ['abcdefghij klmnopqrs', 'abcdefghij klmnopqr'];
  assert.equal(twenty.length, 20);
  assert.deepEqual(faultsOf([...given(`x ${twenty} y`), ...written(twenty, nineteen, `${twenty}!`)]), [
    'copied',
    '',
    '',
  ]);
  assert.deepEqual(faultsOf([...written(twenty), ...given(twenty), ...written('what')]), ['', ''], 'it was first');
  assert.deepEqual(faultsOf([...given('abcdefghij k', 'lmnopqrs'), ...written(twenty)]), [''], 'within one line');
});

test('three or more emoji in a row, each as people see it', () => {
  const runs = ['😂😂😂', 'ok 😂 😂  😂', '👍🏽👍🏽👍🏽', '🇩🇪🇫🇷🇮🇹', '❤️❤️❤️', '❤❤❤', '1️⃣2️⃣3️⃣', '👩‍🌾👩‍🌾😀 x', '🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁥󠁮󠁧󠁿'];
  const none = ['😂😂', '😂 a 😂 😂', '👨‍👩‍👧‍👦', '👍🏽👍🏿', '🇩🇪🇫🇷', '123', '###', '™™™', '👩🏽‍🤝‍👩🏼 👩‍❤️‍💋‍👨', '🏴󠁧󠁢󠁥󠁮󠁧󠁿🏴󠁧󠁢󠁥󠁮󠁧󠁿'];
  for (const text of runs) assert.deepEqual(faultsOf(written(text)), ['emoji'], text);
  for (const text of none) assert.deepEqual(faultsOf(written(text)), [''], text);
});

test('1 of 100 real lines is over-long', () => {
  const lines = (count: number): HealthText => written(...Array.from({ length: count }, (_, i) => 'x'.repeat(i + 1)));
  assert.deepEqual(
    [99, 100, 199, 200, 1000].map((count) => longestUsual([lines(count)])),
    [99, 99, 198, 198, 990],
  );
  assert.equal(longestUsual([]), 0);
  assert.equal(healthOf([], [lines(500)]).real.overLong, 0.01);
  assert.equal(longestUsual([[...lines(3), ...given('xxxxxxxxx')]]), 3, 'given lines do not count');
});

test('a line in which the text was cut counts only if it is too long already', () => {
  const cut = (text: string): HealthText => [{ text, isWritten: true, isCut: true }];
  assert.deepEqual(faultsOf([...written('a'), ...cut('12345')], 5), ['']);
  assert.deepEqual(faultsOf([...written('a'), ...cut('123456')], 5), ['', 'overLong']);
  assert.equal(longestUsual([[...written('a'), ...cut('12345')]]), 1);
});

test('the figures of a text, worked out by hand', () => {
  const real = [written('one', 'three', 'five!'), written('seven', 'eleven', '')];
  const generated = [[...given('the sea and the letter home'), ...written('one', 'one', 'the sea and the letter', '')]];
  const { longest, ...found } = healthOf(generated, real);
  assert.equal(longest, 6);
  // lengths: 3 3 22 0, and 3 5 5 5 6 0
  assert.deepEqual(found.generated, {
    lines: 4,
    empty: 0.25,
    repeated: 0.25,
    overLong: 0.25,
    copied: 0.25,
    emoji: 0,
    medianLength: 3,
  });
  assert.deepEqual(found.real, {
    lines: 6,
    empty: 1 / 6,
    repeated: 0,
    overLong: 0,
    copied: 0,
    emoji: 0,
    medianLength: 5,
  });
  assert.deepEqual(found.parts, [], 'four lines are too few to say so');
  assert.equal(healthOf([written('ab', 'abc')], []).generated.medianLength, 2.5);
  assert.equal(healthOf([], []).generated.medianLength, null);
});

test('a loop, lines that never end, and short answers are marked, and nothing else', () => {
  const real = Array.from({ length: 60 }, (_, i) =>
    written(...Array.from({ length: 8 }, (__, j) => `${'word '.repeat(1 + ((i + j) % 7))}${i} ${j}`)),
  );
  const loop = [written(...Array.from({ length: 12 }, (_, i) => 'word '.repeat(i % 2 === 0 ? 2 : 6)))];
  assert.deepEqual(healthOf(loop, real).parts, ['repeated']);
  const endless = Array.from({ length: 6 }, (_, i): HealthText => [
    ...written(...Array.from({ length: 7 }, (__, j) => `${'word '.repeat(1 + ((i + j) % 7))}${i} ${j}`)),
    { text: 'a'.repeat(200), isWritten: true, isCut: true },
  ]);
  assert.deepEqual(healthOf(endless, real).parts, ['overLong']);
  const short = Array.from({ length: 10 }, (_, i) =>
    written(...Array.from({ length: 8 }, (__, j) => `${(i + j) % 10}${j}`)),
  );
  assert.deepEqual(healthOf(short, real).parts, ['medianLength']);
  assert.deepEqual(healthOf([written('a', 'a')], real).parts, [], 'one line does not shout');
  assert.deepEqual(healthOf([written('a', 'a', 'a')], real).parts, ['repeated']);
});

const someText = fc.array(
  fc.record({
    text: fc.oneof(fc.constantFrom('ok', '😀😀😀', '', 'see you tomorrow at home'), fc.string()),
    isWritten: fc.boolean(),
  }),
  { maxLength: 12 },
);

test('texts never part from themselves, and their order does not matter', () => {
  fc.assert(
    fc.property(fc.array(someText, { maxLength: 12 }), fc.array(someText, { maxLength: 12 }), (a, b) => {
      assert.deepEqual(healthOf(a, a).parts, []);
      const { p, ...turned } = healthOf(a.toReversed(), b.toReversed());
      const { p: other, ...straight } = healthOf(a, b);
      assert.deepEqual(turned, straight);
      for (const figure of FIGURES) assert.ok(Math.abs(p[figure] - other[figure]) < 1e-9);
    }),
  );
});

test('the order of lines matters neither for the median nor for the lengths', () => {
  fc.assert(
    fc.property(fc.array(someText, { minLength: 1, maxLength: 5 }), (texts) => {
      const turned = texts.map((text) => text.toReversed());
      const [a, b] = [healthOf(texts, texts).generated, healthOf(turned, turned).generated];
      assert.deepEqual(
        [a.lines, a.medianLength, a.overLong, a.empty, a.emoji],
        [b.lines, b.medianLength, b.overLong, b.empty, b.emoji],
      );
    }),
  );
});

test('pieces have all lines in their order, and no more than so many', () => {
  fc.assert(
    fc.property(fc.array(someText), fc.integer({ min: 1, max: 5 }), (texts, most) => {
      const pieces = inPieces(texts, most);
      assert.deepEqual(pieces.flat(), texts.flat());
      assert.ok(pieces.every(({ length }) => length > 0 && length <= most));
    }),
  );
});

test('a table and lines of text', () => {
  const real = Array.from({ length: 30 }, (_, i) => written(`${i} is some number`, `${i} is another`));
  const health = healthOf([written('so', ...Array.from({ length: 11 }, () => '0 is some number'))], real);
  assert.equal(
    healthTable(health, 'held out'),
    `| | generated | held out | |
|---|---|---|---|
| lines | 12 | 60 | |
| empty | 0.0 % | 0.0 % | |
| repeated | 83.3 % | 0.0 % | ! |
| over-long (more than 17 characters) | 0.0 % | 0.0 % | |
| copied from the prompt | 0.0 % | 0.0 % | |
| with 3 or more emoji in a row | 0.0 % | 0.0 % | |
| median length, characters | 16 | 14.5 | |`,
  );
  assert.deepEqual(healthLines(health, 'held out').slice(0, 4), [
    '                                     generated  held out',
    'lines                                       12        60',
    'empty                                    0.0 %     0.0 %',
    'repeated                                83.3 %     0.0 %  !',
  ]);
  assert.match(healthTable(healthOf([], real), 'held out'), /\| median length, characters \| – \| 14.5 \|/);
  assert.match(aboutHealth, /p < 0.05 after Holm's correction for 6 figures/);
});
