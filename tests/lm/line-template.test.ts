import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SEED_TEMPLATE, UNSTAMPED_TEMPLATE, parseTemplate, templateFaults } from '../../src/lm/line-template.ts';

const message = { from: 'Ann {text} $1', time: 1600000000999, text: '$& {name} (x)' };

test('placeholders are filled, and what is filled in is not looked at again', () => {
  assert.equal(parseTemplate(SEED_TEMPLATE).render(message), '(1600000000999) Ann {text} $1: $& {name} (x)');
  assert.equal(parseTemplate(UNSTAMPED_TEMPLATE).render(message), 'Ann {text} $1: $& {name} (x)');
  assert.equal(parseTemplate('{s}|{text}|{text}').render(message), '1600000000|$& {name} (x)|$& {name} (x)');
});

test('a message of nobody is its text alone', () => {
  assert.equal(parseTemplate(SEED_TEMPLATE).render({ from: '', time: null, text: 'a line' }), 'a line');
});

test('a time is needed only under a template that has one', () => {
  const timeless = { ...message, time: null };
  assert.equal(parseTemplate(SEED_TEMPLATE).needsTime, true);
  assert.equal(parseTemplate('{s} {text}').needsTime, true);
  assert.equal(parseTemplate(UNSTAMPED_TEMPLATE).needsTime, false);
  assert.throws(() => parseTemplate(SEED_TEMPLATE).render(timeless), /without a time/);
  assert.equal(parseTemplate('{text}').render(timeless), message.text);
});

test('faults are said one by one', () => {
  assert.deepEqual(templateFaults(SEED_TEMPLATE), []);
  assert.deepEqual(templateFaults('{nam}: {txt}'), [
    '{nam} is no placeholder: there are {ms}, {s}, {name} and {text}',
    '{txt} is no placeholder: there are {ms}, {s}, {name} and {text}',
    'a template needs {text}',
  ]);
});
