import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planBatches, type MixedStream } from '../../src/lm/data/batches.ts';
import type { TokenStream } from '../../src/lm/data/token-stream.ts';

/** Token i is i, so the tokens of a window show their positions. */
function counting(tokens: number): TokenStream {
  return {
    tokens,
    read(start, length) {
      assert.ok(start >= 0 && start + length <= tokens, 'read beyond the end of the stream');
      return Uint32Array.from({ length }, (_, i) => start + i);
    },
  };
}

const oneStream = fc.record({
  context: fc.integer({ min: 2, max: 9 }),
  extra: fc.integer({ min: 1, max: 80 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(),
});

test('no target occurs twice in an epoch, and at most context - 1 are left out', () => {
  fc.assert(
    fc.property(oneStream, ({ context, extra, seed }) => {
      const tokens = context + extra;
      const batches = planBatches({ mix: [{ stream: counting(tokens), weight: 1 }], context, batchSize: 1, seed });
      const windows = batches.windowsPerEpoch[0]!;
      for (const epoch of [0, 1, 2]) {
        const targets = new Set<number>();
        for (let i = 0; i < windows; i++) {
          const [window] = batches.windowsAt(epoch * windows + i);
          assert.equal(window!.epoch, epoch);
          for (const label of batches.batchAt(epoch * windows + i).labels) {
            assert.ok(!targets.has(label), 'a target occurs twice');
            targets.add(label);
          }
        }
        assert.equal(targets.size, windows * context);
        assert.ok(tokens - targets.size < context);
      }
    }),
    { numRuns: 60 },
  );
});

test('labels are the next tokens in the ring', () => {
  fc.assert(
    fc.property(oneStream, fc.nat({ max: 500 }), ({ context, extra, batchSize, seed }, step) => {
      const total = context + extra;
      const { tokens, labels } = planBatches({
        mix: [{ stream: counting(total), weight: 1 }],
        context,
        batchSize,
        seed,
      }).batchAt(step);
      assert.equal(tokens.length, batchSize * context);
      tokens.forEach((token, i) => {
        assert.equal(labels[i], (token + 1) % total);
        if (i % context !== context - 1) assert.equal(tokens[i + 1], labels[i]);
      });
    }),
  );
});

test('a step is a pure function of its number, whatever the order of calls', () => {
  const make = (seed: number) =>
    planBatches({
      mix: [0.7, 0.2, 0.1].map((weight, i): MixedStream => ({ stream: counting(40 + 9 * i), weight })),
      context: 4,
      batchSize: 3,
      seed,
    });
  fc.assert(
    fc.property(fc.nat({ max: 9 }), fc.array(fc.nat({ max: 120 }), { minLength: 1, maxLength: 12 }), (seed, steps) => {
      const asked = make(seed);
      for (const step of steps) assert.deepEqual(asked.windowsAt(step), make(seed).windowsAt(step));
    }),
  );
  assert.notDeepEqual(make(1).windowsAt(0), make(2).windowsAt(0));
});

test('epochs differ in their cuts and their order, and none is in the order of the text', () => {
  const tokens = 1001;
  const batches = planBatches({ mix: [{ stream: counting(tokens), weight: 1 }], context: 10, batchSize: 100, seed: 3 });
  const epochs = [0, 1, 2].map((step) => batches.windowsAt(step).map(({ start }) => start));
  const hops = epochs.map((starts) => starts.slice(1).map((start, i) => (start - starts[i]! + tokens) % tokens));
  assert.equal(new Set(hops.map((list) => list.join())).size, 3, 'each order is different');
  for (const list of hops)
    assert.ok(list.filter((hop) => hop === 10).length < 10, 'the order differs from that of the text');
  const cuts = epochs.map((starts) => [...starts].sort((a, b) => a - b).join());
  assert.equal(new Set(cuts).size, 3, 'the cuts differ');
});

test('a mix follows its weights, counts draws, and draws from each stream without replacement', () => {
  const mix = [
    { stream: counting(205), weight: 6 },
    { stream: counting(84), weight: 2 },
  ];
  const batches = planBatches({ mix, context: 4, batchSize: 5, seed: 9 });
  const seen = mix.map(() => [] as number[]);
  for (let step = 0; step < 400; step++) {
    assert.deepEqual(
      batches.drawnBefore(step),
      seen.map((list) => list.length),
    );
    for (const { from, epoch, start } of batches.windowsAt(step)) {
      assert.equal(epoch, Math.floor(seen[from]!.length / batches.windowsPerEpoch[from]!));
      seen[from]!.push(start);
    }
  }
  assert.ok(Math.abs(seen[0]!.length / 2000 - 0.75) < 0.03, `${seen[0]!.length}`);
  const epoch = batches.windowsPerEpoch[1]!;
  for (let first = 0; first + epoch <= seen[1]!.length; first += epoch)
    assert.equal(new Set(seen[1]!.slice(first, first + epoch)).size, epoch);
});

test('a batch larger than an epoch continues with the next epoch', () => {
  const batches = planBatches({ mix: [{ stream: counting(9), weight: 1 }], context: 4, batchSize: 5, seed: 1 });
  assert.deepEqual(
    batches.windowsAt(0).map(({ epoch }) => epoch),
    [0, 0, 1, 1, 2],
  );
});

test('seed 1337 gives the windows of version 1 of the train stage; if this changes, raise the version', () => {
  const batches = planBatches({
    mix: [
      { stream: counting(1000), weight: 3 },
      { stream: counting(300), weight: 1 },
    ],
    context: 16,
    batchSize: 4,
    seed: 1337,
  });
  assert.deepEqual(
    [0, 1, 731].map((step) => batches.windowsAt(step).map(({ from, epoch, start }) => [from, epoch, start])),
    [
      [
        [0, 0, 689],
        [0, 0, 153],
        [0, 0, 289],
        [1, 0, 2],
      ],
      [
        [1, 0, 34],
        [0, 0, 121],
        [0, 0, 529],
        [0, 0, 353],
      ],
      [
        [1, 38, 223],
        [0, 36, 550],
        [0, 36, 22],
        [0, 36, 942],
      ],
    ],
  );
});
