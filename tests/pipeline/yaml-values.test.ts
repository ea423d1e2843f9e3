import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTree } from '../../src/pipeline/yaml/parse-tree.ts';
import { parseText } from '../kit/parse-errors.ts';

const valueOf = (text: string) => {
  const { tree, diagnostics } = parseTree('p.yaml', text);
  return diagnostics.length > 0 ? diagnostics.map(({ message }) => message) : tree.value;
};

test('numbers are numbers in every notation, and those that cannot be kept are named', () => {
  assert.deepEqual(valueOf('[2e-5, 1e-1, .1, 5., +5, 1E3, 0x1F, 9007199254740991, no, yes, 1_000]'), [
    2e-5,
    0.1,
    0.1,
    5,
    5,
    1000,
    31,
    9007199254740991,
    'no',
    'yes',
    '1_000',
  ]);
  assert.deepEqual(valueOf('a: 811111111111111112'), ['811111111111111112 has more digits than a number can hold']);
  assert.deepEqual(valueOf('a: "811111111111111112"'), { a: '811111111111111112' });
  for (const endless of ['.inf', '-.inf', '.nan', '1e400'])
    assert.deepEqual(valueOf(`a: ${endless}`), [`${endless} is not a number that can be computed with`]);
});

test('keys stay as they are written', () => {
  const keys = ['811111111111111112', '0049123', '1.10', '1e3', 'no', 'null', '~', '+49 123'];
  assert.deepEqual(Object.keys(valueOf(keys.map((key) => `${key}: x`).join('\r\n')) as object).sort(), keys.sort());
});

test('a value of --set is not cut at a # and may hold any =', () => {
  const text = 'name: demo\nstages: { chat: { kind: fetch, params: { source: data } } }\n';
  const sourceOf = (value: string) =>
    parseText(text, { sets: [`stages.chat.params.source=${value}`] }).points[0]!.stages[0]!.params['source'];
  for (const value of ['./My Chats #1', '#1', 'a=b=c', 'a#b', 'x # "y" #', '~/My Chats #1'])
    assert.equal(sourceOf(value), value);
  assert.equal(sourceOf('"quoted #1" # comment'), 'quoted #1');
  const plain = fc.stringMatching(/^[A-Za-z./~_][A-Za-z0-9 #=./~_-]*[A-Za-z0-9/]$/).filter((word) => word.length > 6);
  fc.assert(fc.property(plain, (value) => assert.equal(sourceOf(value), value)));
});
