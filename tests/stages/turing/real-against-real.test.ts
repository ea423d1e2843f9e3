import { test } from 'node:test';
import assert from 'node:assert/strict';
import { judge, leaks, type Features } from '../../../stages/turing/judging/programs.ts';
import { checkLeaks } from '../../../stages/turing/checks.ts';
import { realPairs, throughModelsPath } from '../../../stages/turing/real/real-pairs.ts';
import { charactersOf, type ShownText } from '../../../stages/turing/real/shown.ts';
import type { Window } from '../../../stages/turing/real/windows.ts';
import { gpt2Encoding } from '../model-kit.ts';
import { readerOf, windowsOf } from './windows-kit.ts';

const reader = readerOf('({s}) {name}: {text}');
const windows = windowsOf(640, reader);

const featuresOf = (lines: readonly ShownText[]): Features => ({
  lines,
  chars: charactersOf(lines),
  logProbability: -3,
  ranks: [0.5, 0.7, 0.9],
  recited: 0,
});

/** What programs make of real texts, one of each pair on its way through `broken`. */
function judged(broken: (lines: ShownText[], window: Window) => ShownText[]) {
  const pairs = realPairs(windows, 300, 1, (window) => {
    const path = throughModelsPath(window, { tokenizer: gpt2Encoding(), reader });
    return path && { window, lines: broken([...path.lines], window) };
  });
  assert.equal(pairs.length, 300);
  return judge(
    pairs.map(({ direct, through }) => ({ real: featuresOf(direct.lines), rival: featuresOf(through.lines) })),
    1,
  ).programs;
}

const onLast = (lines: ShownText[], change: (text: string) => string): ShownText[] =>
  lines.map((line, i) => (i === lines.length - 1 ? { ...line, text: change(line.text) } : line));

test('programs cannot tell real texts from real texts', () => {
  const programs = judged((lines) => lines);
  assert.deepEqual(leaks(programs), []);
  checkLeaks(programs);
  for (const { accuracy } of Object.values(programs)) assert.ok(accuracy > 0.38 && accuracy < 0.62, String(accuracy));
});

test('a stamp left in, a final blank, or one more line gives the model away, and the stage fails', () => {
  const stamp = judged((lines, { real }) => onLast(lines, (text) => `(${real.at(-1)!.stamps[0]}) ${text}`));
  assert.ok(leaks(stamp).includes('surface'));
  assert.ok(leaks(judged((lines) => onLast(lines, (text) => `${text} `))).includes('surface'));
  const more = judged((lines) => [...lines, { who: 'Ann', text: 'ok' }]);
  assert.ok(leaks(more).includes('surface') && leaks(more).includes('length'));
  assert.throws(() => checkLeaks(more), /the test itself gives real texts away: length was right in \d+ of 300 pairs/);
});
