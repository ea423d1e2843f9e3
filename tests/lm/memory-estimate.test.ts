import { test } from 'node:test';
import assert from 'node:assert/strict';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { memoryPerWeight } from '../../src/lm/optimizer/memory-per-weight.ts';
import { optimizerState, type Optimizer } from '../../src/lm/optimizer/optimizer.ts';
import { estimatedPeakBytes, memoryParts, type MemoryShape } from '../../src/lm/training/memory-estimate.ts';

const shapes = {
  nano: { layers: 4, heads: 4, width: 256, context: 128, batchSize: 8 },
  mini: { layers: 6, heads: 6, width: 384, context: 256, batchSize: 4 },
  '124M at 256': { layers: 12, heads: 12, width: 768, context: 256, batchSize: 1 },
  '124M': { layers: 12, heads: 12, width: 768, context: 1024, batchSize: 1 },
  'many rows': { layers: 2, heads: 4, width: 256, context: 256, batchSize: 32 },
  '774M': { layers: 36, heads: 20, width: 1280, context: 1024, batchSize: 1 },
  '355M': { layers: 24, heads: 16, width: 1024, context: 1024, batchSize: 1 },
};

function shapeOf(
  name: keyof typeof shapes,
  precision: 'fp32' | 'bf16',
  recomputeEvery: number,
  lossRows = 0,
): MemoryShape {
  const { batchSize, ...model } = shapes[name];
  return {
    model: layoutOf({ ...model, vocabularySize: 50257 }),
    batchSize,
    memoryPerWeight: 2,
    precision,
    recomputeEvery,
    lossRows,
  };
}

/** Peak resident GB (VmHWM), AdamW, two steps, nothing compiled before: `npm run bench train -- --memory` on 2 cores. */
const measured: [MemoryShape, number][] = [
  [shapeOf('nano', 'fp32', 0), 1.468],
  [shapeOf('mini', 'fp32', 0), 1.88],
  [shapeOf('mini', 'fp32', 1), 1.721],
  [shapeOf('mini', 'bf16', 0), 1.837],
  [shapeOf('124M at 256', 'fp32', 0), 3.181],
  [shapeOf('124M at 256', 'fp32', 1), 3.36],
  [shapeOf('124M', 'fp32', 0), 4.813],
  [shapeOf('124M', 'fp32', 1), 4.067],
  [shapeOf('124M', 'fp32', 1, 256), 4.096],
  [shapeOf('124M', 'bf16', 0), 4.265],
  [shapeOf('124M', 'bf16', 1), 3.694],
  [shapeOf('355M', 'fp32', 0), 10.093],
  [shapeOf('355M', 'fp32', 1), 8.152],
  [shapeOf('355M', 'bf16', 1), 8.042],
  [shapeOf('355M', 'bf16', 0), 10.203],
  [shapeOf('774M', 'fp32', 1), 16.205],
  [shapeOf('774M', 'bf16', 1), 15.966],
  [shapeOf('many rows', 'fp32', 0), 4.921],
  [shapeOf('many rows', 'fp32', 0, 1024), 2.11],
  [shapeOf('many rows', 'fp32', 0, 256), 1.883],
  [shapeOf('many rows', 'bf16', 0), 4.937],
  [shapeOf('many rows', 'bf16', 0, 1024), 2.396],
  [shapeOf('many rows', 'bf16', 0, 256), 2.134],
];

test('the estimate is within 15 % of every measured peak', () => {
  const off = measured.map(([shape, gigabytes]) => estimatedPeakBytes(shape) / 1e9 / gigabytes - 1);
  assert.deepEqual(
    measured.flatMap(([{ model, precision, recomputeEvery }], i) =>
      Math.abs(off[i]!) <= 0.15 ? [] : [[model.config.layers, model.config.context, precision, recomputeEvery, off[i]]],
    ),
    [],
  );
});

test('each part grows with the sizes it depends on', () => {
  const base = shapeOf('124M', 'fp32', 0);
  const parts = memoryParts(base);
  assert.equal(parts.weights, 4 * 124_439_808);
  assert.equal(parts.moments, 2 * parts.weights);
  assert.equal(memoryParts({ ...base, memoryPerWeight: 0 }).moments, 0);
  assert.equal(Math.round(memoryParts({ ...base, accumulates: true }).gradients - parts.gradients), parts.weights);
  const batches = memoryParts({ ...base, batchSize: 4 });
  assert.equal(batches.logits, 4 * parts.logits);
  assert.equal(batches.activations, 4 * parts.activations);
  assert.ok(
    memoryParts({ ...base, batchSize: 16, lossRows: 256 }).logits < memoryParts({ ...base, batchSize: 16 }).logits / 10,
  );
  const recomputed = (recomputeEvery: number): number => memoryParts({ ...base, recomputeEvery }).activations;
  assert.ok(recomputed(1) < recomputed(4) && recomputed(4) < parts.activations);
});

test('what planning knows of an optimizer’s memory is what it keeps', () => {
  const shared = { weightDecay: 0, clip: 1 };
  const optimizers: Optimizer[] = [
    { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, ...shared },
    { kind: 'adam', beta1: 0.9, beta2: 0.99, epsilon: 1e-8, clip: 1 },
    { kind: 'sgd', momentum: 0, nesterov: false, ...shared },
    { kind: 'sgd', momentum: 0.9, nesterov: false, ...shared },
    { kind: 'adafactor', decayPower: 0.8, updateClip: 1, scaleByWeight: false, ...shared },
  ];
  for (const optimizer of optimizers) {
    const kept = Object.values(optimizerState(optimizer, { w: [1024, 1024] }));
    const numbers = kept.reduce((sum, shape) => sum + shape.reduce((product, length) => product * length, 1), 0);
    assert.equal(memoryPerWeight(optimizer), numbers / 1024 ** 2, optimizer.kind);
  }
});
