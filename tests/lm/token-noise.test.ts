import { test } from 'node:test';
import assert from 'node:assert/strict';
import { noisyTokens } from '../../src/lm/data/token-noise.ts';

const rule = { probability: 0.1, context: 500, vocabularySize: 1000, seed: 7, step: 3 };
const tokens = Int32Array.from({ length: 40 * 500 }, (_, i) => i % 1000);
const changed = (found: Int32Array): number[] => [...found.keys()].filter((i) => found[i] !== tokens[i]);

test('replaces about the given share of tokens by uniformly drawn ones, and does not change its input', () => {
  const found = noisyTokens(tokens, rule);
  assert.ok(tokens.every((token, i) => token === i % 1000));
  const places = changed(found);
  // 2,000 expected, of which one in a thousand is drawn unchanged; the standard deviation is 42.
  assert.ok(Math.abs(places.length - 1998) < 200, `${places.length}`);
  const mean = places.reduce((sum, i) => sum + found[i]!, 0) / places.length;
  assert.ok(Math.abs(mean - 499.5) < 30, `mean ${mean}`);
  assert.ok(places.every((i) => found[i]! >= 0 && found[i]! < 1000));
});

test('noise depends only on seed and step, and a row does not depend on the number of rows', () => {
  const found = noisyTokens(tokens, rule);
  assert.deepEqual(noisyTokens(tokens, rule), found);
  assert.deepEqual(noisyTokens(tokens.subarray(0, 3 * 500), rule), found.slice(0, 3 * 500));
  for (const other of [{ seed: 8 }, { step: 4 }])
    assert.notDeepEqual(changed(noisyTokens(tokens, { ...rule, ...other })), changed(found));
  const [first, second] = [0, 1].map((row) =>
    changed(found)
      .filter((i) => Math.floor(i / 500) === row)
      .map((i) => i % 500),
  );
  assert.notDeepEqual(first, second);
});

test('no noise with probability 0, only noise with 1', () => {
  assert.equal(noisyTokens(tokens, { ...rule, probability: 0 }), tokens);
  assert.ok(changed(noisyTokens(tokens, { ...rule, probability: 1 })).length > 0.99 * tokens.length);
});
