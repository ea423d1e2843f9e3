import { test } from 'node:test';
import assert from 'node:assert/strict';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';

const tiny = { vocabularySize: 200, context: 50, layers: 2, heads: 4, width: 64 };

function spread(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
}

test('the published sizes have the published numbers of weights and tensors', () => {
  const table: [layers: number, heads: number, width: number, weights: number, tensors: number][] = [
    [12, 12, 768, 124_439_808, 148],
    [24, 16, 1024, 354_823_168, 292],
    [36, 20, 1280, 774_030_080, 436],
    [48, 25, 1600, 1_557_611_200, 580],
  ];
  for (const [layers, heads, width, weights, tensors] of table) {
    const shapes = Object.values(weightShapes({ vocabularySize: 50257, context: 1024, layers, heads, width }));
    assert.equal(shapes.length, tensors);
    assert.equal(
      shapes.reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0),
      weights,
    );
  }
});

test('standard deviations are those of GPT-2', () => {
  const weights = initialWeights(tiny, 7);
  const expected: [string, number][] = [
    ['wte.weight', 0.02],
    ['wpe.weight', 0.01],
    ['h.0.attn.c_attn.weight', 0.02],
    ['h.1.mlp.c_fc.weight', 0.02],
    ['h.0.attn.c_proj.weight', 0.01],
    ['h.1.mlp.c_proj.weight', 0.01],
  ];
  for (const [name, value] of expected)
    assert.ok(Math.abs(spread(weights[name]!) / value - 1) < 0.05, `${name}: ${spread(weights[name]!)}`);
  for (const [name, values] of Object.entries(weights)) {
    if (name.endsWith('.bias'))
      assert.ok(
        values.every((value) => value === 0),
        name,
      );
    if (name.includes('ln_') && name.endsWith('.weight'))
      assert.ok(
        values.every((value) => value === 1),
        name,
      );
  }
});

test('the same seed gives the same bits, another seed gives others, and tensors differ', () => {
  const a = initialWeights(tiny, 7);
  assert.deepEqual(initialWeights(tiny, 7), a);
  assert.notDeepEqual(initialWeights(tiny, 8)['wte.weight'], a['wte.weight']);
  assert.notDeepEqual(a['h.0.mlp.c_fc.weight'], a['h.1.mlp.c_fc.weight']);
});

test('the first weights of a seed match those of a Philox and a quantile function written in Python', () => {
  const [...first] = initialWeights(tiny, 7)['wte.weight']!.slice(0, 3);
  assert.deepEqual(
    first.map((value) => value.toFixed(9)),
    ['-0.000248674', '-0.018946595', '-0.009847802'],
  );
});
