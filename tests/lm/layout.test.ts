import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutOf, modelFormat } from '../../src/lm/model/layouts.ts';

const small = layoutOf({ vocabularySize: 50257, context: 1024, layers: 12, heads: 12, width: 768 });

test("floating-point operations per token are nanoGPT's estimate", () => {
  // https://github.com/karpathy/nanoGPT/blob/master/model.py, estimate_mfu: 6 N + 12 L H Q T, N without the positions
  const weights = 124_439_808 - 1024 * 768;
  assert.equal(small.trainingFlopsPerToken, 6 * weights + 12 * 12 * 12 * 64 * 1024);
});

test('the cache has as many numbers per position as the heads', () => {
  assert.deepEqual(small.cache, { keyHeads: 12, headSize: 64 });
  assert.deepEqual(small.stopIds(50256), [50256]);
});

test('a config survives the round trip through config.json', () => {
  assert.deepEqual(modelFormat.configFrom(small.huggingFaceConfig(50256)), small.config);
});

test('every name in the layout is the name of a weight', () => {
  const { embedding, positions, head, finalNorm, blocks, residual } = small.names;
  const names = Object.keys(small.weightShapes);
  const named = [embedding, positions!, head, ...finalNorm, ...residual.map((name) => `${blocks}11.${name}`)];
  assert.deepEqual(
    named.filter((name) => !names.includes(name)),
    [],
  );
});
