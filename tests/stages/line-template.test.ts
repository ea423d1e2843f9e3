import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  SEED_TEMPLATE,
  UNSTAMPED_TEMPLATE,
  parseTemplate,
  templateFaults,
} from '../../src/artifacts/tokens/line-template.ts';

const message = { from: 'Ann {text} $1', time: 1600000000999, text: '$& {name} (x)' };

test('fills placeholders, but not placeholders inside the filled-in values', () => {
  assert.equal(parseTemplate(SEED_TEMPLATE).render(message), '(1600000000999) Ann {text} $1: $& {name} (x)');
  assert.equal(parseTemplate(UNSTAMPED_TEMPLATE).render(message), 'Ann {text} $1: $& {name} (x)');
  assert.equal(parseTemplate('{s}|{text}|{text}').render(message), '1600000000|$& {name} (x)|$& {name} (x)');
});

test('renders a message from nobody as its text alone', () => {
  assert.equal(parseTemplate(SEED_TEMPLATE).render({ from: '', time: null, text: 'a line' }), 'a line');
});

test('requires a time only if the template uses it', () => {
  const timeless = { ...message, time: null };
  assert.equal(parseTemplate(SEED_TEMPLATE).needsTime, true);
  assert.equal(parseTemplate('{s} {text}').needsTime, true);
  assert.equal(parseTemplate(UNSTAMPED_TEMPLATE).needsTime, false);
  assert.throws(() => parseTemplate(SEED_TEMPLATE).render(timeless), /without a time/);
  assert.equal(parseTemplate('{text}').render(timeless), message.text);
});

test('renders {iso} and {gap}', () => {
  assert.equal(parseTemplate('[{iso}] {text}').render({ ...message, text: 'x' }), '[2020-09-13 12:26] x');
  assert.equal(parseTemplate('[{iso}]{text}').render({ ...message, time: 9e15, text: '' }), '[9000000000000000]');
  const gap = parseTemplate('{gap}{text}');
  const after = (seconds: number): string =>
    gap.render({ from: 'A', time: 1_000_000_000 + seconds * 1000, text: '' }, 1_000_000_000);
  assert.deepEqual([-5, 0, 59.9, 60, 3599, 3600, 86_399, 86_400, 864_000].map(after), [
    '0s',
    '0s',
    '59s',
    '1m',
    '59m',
    '1h',
    '23h',
    '1d',
    '10d',
  ]);
  assert.equal(gap.render({ from: 'A', time: 5, text: '' }), '0s');
  assert.equal(gap.needsTime, true);
});

test('reports each error in a template', () => {
  assert.deepEqual(templateFaults(SEED_TEMPLATE), []);
  assert.deepEqual(templateFaults('{nam}: {txt}'), [
    '{nam} is not a placeholder; use {ms}, {s}, {iso}, {gap}, {name} or {text}',
    '{txt} is not a placeholder; use {ms}, {s}, {iso}, {gap}, {name} or {text}',
    'a template must contain {text}',
  ]);
});
