import { test } from 'node:test';
import assert from 'node:assert/strict';
import { frozenWeights } from '../../src/lm/optimizer/freeze.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';

const names = Object.keys(weightShapes({ vocabularySize: 3, context: 2, layers: 12, heads: 1, width: 1 }));

test('patterns match whole names, with * for any characters', () => {
  const table: [string[], number, string[]][] = [
    [[], 0, []],
    [['wte.weight'], 1, []],
    [['h.1.*'], 12, []],
    [['h.*'], 144, []],
    [['*.bias'], 12 * 6 + 1, []],
    [['h.*.attn.*.weight', 'h.0.*'], 2 * 11 + 12, []],
    [['*'], names.length, []],
    [['wte', 'h.12.*', 'wpeXweight', 'h.0.*'], 12, ['wte', 'h.12.*', 'wpeXweight']],
    [['[a-z]+', '(.*)'], 0, ['[a-z]+', '(.*)']],
  ];
  for (const [patterns, count, unmatched] of table) {
    const found = frozenWeights(names, patterns);
    assert.equal(found.frozen.length, count, patterns.join());
    assert.deepEqual(found.unmatched, unmatched);
  }
  assert.deepEqual(frozenWeights(names, ['w*', 'ln_f.*']).frozen, [
    'wte.weight',
    'wpe.weight',
    'ln_f.weight',
    'ln_f.bias',
  ]);
});
