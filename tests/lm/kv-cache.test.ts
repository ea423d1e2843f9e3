import { test } from 'node:test';
import assert from 'node:assert/strict';
import { openTfjsEngine } from '../../src/engine/tfjs-engine.ts';
import { forward, logits, weightShapes } from '../../src/lm/gpt2.ts';
import { initialWeights } from '../../src/lm/initial-weights.ts';
import { cachedInputs, cachedStep, cacheInputs, cacheShapes } from '../../src/lm/kv-cache.ts';
import { below, randomAt } from '../../src/lm/random.ts';
import { assertClose, variablesIn } from './kit.ts';

const config = { vocabularySize: 23, context: 12, layers: 2, heads: 3, width: 12 };
const B = 2;
const S = 10;

test('read token by token or in pieces, the cached path gives the logits of the whole', async () => {
  const engine = await openTfjsEngine();
  const random = randomAt(4, 0, 'mix');
  const tokens = Int32Array.from({ length: B * S }, () => below(random, config.vocabularySize));
  // Ten times the usual spread, so that the attention is not nearly even.
  const values = Object.fromEntries(Object.entries(initialWeights(config, 3)).map(([name, value]) => [name, name.includes('ln_') ? value : value.map((x) => 10 * x)]));
  const weights = variablesIn(engine, weightShapes(config), values);

  const whole = engine.compile('whole', { inputs: { tokens: { shape: [B, S], dtype: 'int32' } }, variables: weights }, (inputs, given) => {
    return { outputs: { logits: logits(given, forward(config, given, { tokens_BT: inputs['tokens']! })) } };
  });
  const { logits: expected } = await whole.call({ tokens });
  const expectedAt = (row: number, place: number): Float32Array => expected!.subarray((row * S + place) * 23, (row * S + place + 1) * 23);

  for (const pieces of [Array.from({ length: S }, () => 1), [4, 1, 5], [10], [7, 3]]) {
    // Whatever an earlier text left in the cache must not show.
    const shapes = cacheShapes(config, B, S);
    const old = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, Array.from({ length: shape.reduce((a, b) => a * b) }, () => 99)]));
    const variables = { ...weights, ...variablesIn(engine, shapes, old) };
    let position = 0;
    for (const count of pieces) {
      const program = engine.compile(`cached_${count}`, { inputs: cachedInputs(B, count, S), variables }, cachedStep(config));
      const piece = Int32Array.from({ length: B * count }, (_, i) => tokens[Math.floor(i / count) * S + position + (i % count)]!);
      const { logits: found } = await program.call({ tokens: piece, ...cacheInputs(position, count, S) });
      position += count;
      for (let row = 0; row < B; row++) assertClose(found!.subarray(row * 23, (row + 1) * 23), expectedAt(row, position - 1), 1e-5, `row ${row} at ${position - 1}`);
    }
    assert.equal(position, S);
  }
  engine.close();
});
