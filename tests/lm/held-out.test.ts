import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { heldOutNats, heldOutWindows, someWindows } from '../../src/lm/training/held-out.ts';

test('every token but the first is a target exactly once', () => {
  fc.assert(
    fc.property(fc.nat({ max: 200 }), fc.integer({ min: 1, max: 20 }), (tokens, context) => {
      const targets = heldOutWindows(tokens, context).flatMap((window) =>
        Array.from({ length: window.targets }, (_, t) => window.start + 1 + t),
      );
      assert.deepEqual(
        targets,
        Array.from({ length: Math.max(0, tokens - 1) }, (_, i) => i + 1),
      );
    }),
  );
});

test('a choice of windows is always the same, in order, and without repeats', () => {
  const windows = heldOutWindows(1000, 10);
  const chosen = someWindows(windows, 7, 5);
  assert.equal(chosen.length, 7);
  assert.deepEqual(someWindows(windows, 7, 5), chosen);
  assert.notDeepEqual(someWindows(windows, 7, 6), chosen);
  const starts = chosen.map(({ start }) => start);
  assert.deepEqual(
    starts,
    [...new Set(starts)].sort((a, b) => a - b),
  );
  assert.deepEqual(someWindows(windows, 100, 5), windows);
});

test('padding does not count, whatever its loss', async () => {
  const stream = {
    tokens: 24,
    read: (start: number, length: number) => Uint16Array.from({ length }, (_, i) => start + i),
  };
  const seen: number[] = [];
  const done: number[] = [];
  const total = await heldOutNats({
    stream,
    windows: heldOutWindows(24, 10),
    context: 10,
    rows: 2,
    // The loss of a target is its own id; the loss of padding is 1e9.
    lossesOf: async ({ tokens, labels }) => {
      seen.push(...labels);
      return Float32Array.from(labels, (label, i) => (label === 0 && tokens[i] === 0 ? 1e9 : label));
    },
    onProgress: (count) => done.push(count),
  });
  assert.deepEqual(total, { nats: (23 * 24) / 2, targets: 23 });
  assert.deepEqual(done, [2, 3]);
  assert.equal(seen.length, 40);
});
