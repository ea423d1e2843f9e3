import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withMemorized, type Match, type Try } from '../../../stages/turing/rivals/matching.ts';
import type { Window } from '../../../stages/turing/real/windows.ts';
import { textTokens } from '../../../stages/turing/real/text-tokens.ts';
import { gpt2Encoding } from '../model-kit.ts';
import { readerOf, windowsOf } from './windows-kit.ts';

const nowhere = { longest: 0, share: 0, covered: 0 };

test('memorized texts of the right length are counted in again, other faults are not', () => {
  const windows = windowsOf(4, readerOf('{name}: {text}'));
  const tryOf = ({ text }: Window, more: Partial<Try>): Try => ({
    draw: 0,
    written: '',
    isCut: false,
    tokens: 9,
    lines: text,
    reason: null,
    fits: true,
    flags: [],
    found: nowhere,
    ...more,
  });
  const faults: Partial<Try>[] = [
    {},
    { reason: 'memorized' },
    { reason: 'memorized', fits: false },
    { reason: 'empty line' },
  ];
  const all = windows.map((window, i) => ({ window, realFound: nowhere, tries: [[tryOf(window, faults[i]!)]] }));
  const indexes = ({ used }: Match): number[] => used.map(({ matched }) => all.indexOf(matched));
  assert.deepEqual(indexes(withMemorized({ all, used: [] }, 9)), [0, 1]);
  assert.deepEqual(indexes(withMemorized({ all, used: [] }, 1)), [0]);
});

test('what is looked for in train has neither names nor stamps', () => {
  const tokenizer = gpt2Encoding();
  const reader = readerOf('({s}) {name}: {text}');
  const [window] = windowsOf(1, reader);
  const lines = [
    { who: 'Cleo: the cat', text: 'ok' },
    { who: 'Ann', text: 'fine' },
  ];
  assert.equal(tokenizer.decode(textTokens(lines, window!, { reader, tokenizer }).toFind), ' ok\n fine\n');
});
