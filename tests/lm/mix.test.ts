import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planBatches } from '../../src/lm/data/batches.ts';
import { reviewShare, sourceAt, weightsAt, weightsBySize, type MixRule } from '../../src/lm/data/mix.ts';
import type { TokenStream } from '../../src/lm/data/token-stream.ts';

const weight = fc.double({ min: 0.01, max: 100, noNaN: true });
const plain = (weights: number[]): MixRule => ({ weights, phases: [], review: null });

test('each phase is used up to its step, then the mix', () => {
  const rule: MixRule = {
    ...plain([1, 0]),
    phases: [
      { untilStep: 3, weights: [0, 1] },
      { untilStep: 5, weights: [1, 1] },
    ],
  };
  assert.deepEqual(
    [0, 2, 3, 4, 5, 99].map((step) => weightsAt(rule, { step, epoch: 0 })),
    [
      [0, 1],
      [0, 1],
      [1, 1],
      [1, 1],
      [1, 0],
      [1, 0],
    ],
  );
});

test('a review takes its share of all sequences, and the rest keep their proportions', () => {
  fc.assert(
    fc.property(
      weight,
      weight,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat({ max: 30 }),
      (a, b, share, epoch) => {
        const rule: MixRule = {
          ...plain([a, b, 0]),
          review: { from: 2, share, decay: { kind: 'perEpoch', factor: 0.8 } },
        };
        const [first, second, third] = weightsAt(rule, { step: 0, epoch }) as [number, number, number];
        assert.ok(Math.abs(first + second + third - 1) < 1e-12);
        assert.ok(Math.abs(third - share * 0.8 ** epoch) < 1e-12);
        if (share < 0.99) assert.ok(Math.abs(first / second / (a / b) - 1) < 1e-9);
      },
    ),
  );
  const line = { from: 0, share: 0.4, decay: { kind: 'overSteps', steps: 10 } } as const;
  assert.deepEqual(
    [0, 5, 10, 11].map((step) => reviewShare(line, { step, epoch: 0 })),
    [0.4, 0.2, 0, 0],
  );
});

test('a temperature of 1 keeps weights proportional to sizes, a large one makes them equal', () => {
  assert.deepEqual(weightsBySize([100, 1], 1), [100, 1]);
  assert.deepEqual(weightsBySize([100, 1], 2), [10, 1]);
  const [large, small] = weightsBySize([1e9, 1], 1e6) as [number, number];
  assert.ok(large / small < 1.0001);
});

test('a source with zero weight is never drawn', () => {
  fc.assert(
    fc.property(
      fc
        .array(fc.oneof(fc.constant(0), weight), { minLength: 1, maxLength: 5 })
        .filter((list) => list.some((each) => each > 0)),
      fc.nat({ max: 2 ** 32 - 1 }),
      (weights, word) => {
        // Rounding must never put one of the generator's points after the last weight.
        assert.ok(weights[sourceAt(weights, (word + 0.5) / 2 ** 32)]! > 0);
      },
    ),
    { numRuns: 1000 },
  );
});

function counting(tokens: number): TokenStream {
  return { tokens, read: (start, length) => Uint32Array.from({ length }, (_, i) => start + i) };
}

test('batches follow phases and review, draw without replacement, and are pure functions of the step', () => {
  const rule: MixRule = {
    weights: [3, 1, 0],
    phases: [{ untilStep: 40, weights: [0, 0, 1] }],
    review: { from: 2, share: 0.5, decay: { kind: 'perEpoch', factor: 0.5 } },
  };
  const plan = (seed: number) => {
    const mix = [403, 205, 100].map((tokens, index) => ({ stream: counting(tokens), weight: rule.weights[index]! }));
    return planBatches({ mix, context: 4, batchSize: 5, seed, weightsAt: (time) => weightsAt(rule, time) });
  };
  const batches = plan(11);
  const drawn: number[][] = [[], [], []];
  const reviewed: [epoch: number, review: boolean][] = [];
  for (let step = 0; step < 400; step++) {
    const epoch = Math.floor(batches.epochsBefore(step));
    assert.equal(epoch, Math.floor((drawn[0]!.length + drawn[1]!.length) / 151));
    for (const { from, start } of batches.windowsAt(step)) {
      if (step < 40) assert.equal(from, 2);
      else reviewed.push([epoch, from === 2]);
      drawn[from]!.push(start);
    }
  }
  drawn.forEach((starts, from) => {
    const windows = batches.windowsPerEpoch[from]!;
    for (let first = 0; first + windows <= starts.length; first += windows)
      assert.equal(new Set(starts.slice(first, first + windows)).size, windows);
  });
  for (const epoch of [0, 1, 2]) {
    const inEpoch = reviewed.filter(([of]) => of === epoch);
    const share = inEpoch.filter(([, review]) => review).length / inEpoch.length;
    assert.ok(Math.abs(share - 0.5 * 0.5 ** epoch) < 0.12, `epoch ${epoch}: ${share} of ${inEpoch.length}`);
  }
  for (const step of [399, 0, 250, 39, 40, 41]) assert.deepEqual(plan(11).windowsAt(step), batches.windowsAt(step));
});
