import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { planBatches, type Batches } from '../../src/lm/data/batches.ts';
import { cutStream, type DataOrder } from '../../src/lm/data/data-order.ts';
import type { TokenStream } from '../../src/lm/data/token-stream.ts';

const SEPARATOR = 0;
const NEWLINE = 1;

/** Documents of lines; a line is unique ids from 2 on, then a newline. */
function textOf(documents: number[][]): TokenStream & { ids: number[]; starts: number[] } {
  const ids: number[] = [];
  const starts: number[] = [];
  for (const lines of documents) {
    starts.push(ids.length);
    for (const length of lines) {
      for (let i = 0; i < length; i++) ids.push(2 + ids.length);
      ids.push(NEWLINE);
    }
    ids.push(SEPARATOR);
  }
  const read = (start: number, length: number): Uint32Array => {
    assert.ok(start >= 0 && start + length <= ids.length, 'read beyond the end of the stream');
    return Uint32Array.from(ids.slice(start, start + length));
  };
  return { tokens: ids.length, starts, ids, read };
}

const LINES: DataOrder = { kind: 'lines', newlines: new Set([NEWLINE]) };
const DOCUMENTS: DataOrder = { kind: 'documents' };

const documents = fc.array(fc.array(fc.nat({ max: 14 }), { minLength: 1, maxLength: 5 }), {
  minLength: 1,
  maxLength: 12,
});
const anyText = fc.record({ documents, context: fc.integer({ min: 2, max: 12 }), seed: fc.nat() });

/** How often each position is a target in one epoch. */
function timesATarget(stream: TokenStream, batches: Batches, epoch: number): number[] {
  const times = new Array<number>(stream.tokens).fill(0);
  for (let i = 0; i < batches.windowsPerEpoch[0]!; i++) {
    for (const { start, targets } of batches.windowsAt(epoch * batches.windowsPerEpoch[0]! + i)[0]!.pieces) {
      for (let t = 1; t <= targets; t++) times[(start + t) % stream.tokens]!++;
    }
  }
  return times;
}

for (const [name, order] of Object.entries({ documents: DOCUMENTS, lines: LINES })) {
  test(`${name}: every token of every document is a target once per epoch, for all sizes`, () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 3 }), ({ documents, context, seed }, epoch) => {
        const stream = textOf(documents);
        const batches = planBatches({ mix: [{ stream, weight: 1 }], context, batchSize: 1, seed, order });
        assert.deepEqual(
          timesATarget(stream, batches, epoch),
          stream.ids.map(() => 1),
        );
      }),
      { numRuns: 150 },
    );
  });

  test(`${name}: labels follow their tokens in the text, and weights distinguish targets from padding`, () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 40 }), ({ documents, context, seed }, step) => {
        const stream = textOf(documents);
        const batches = planBatches({ mix: [{ stream, weight: 1 }], context, batchSize: 3, seed, order });
        const { tokens, labels, labelWeights: weights } = batches.batchAt(step);
        assert.equal(weights !== undefined, batches.masked);
        batches.windowsAt(step).forEach(({ pieces }, row) => {
          const targets = pieces.flatMap(({ start, targets }) =>
            Array.from({ length: targets }, (_, t) => (start + t) % stream.tokens),
          );
          assert.ok(targets.length >= 1 && targets.length <= context);
          for (let t = 0; t < context; t++) {
            const position = targets[t];
            assert.equal(tokens[row * context + t], position === undefined ? 0 : stream.ids[position]);
            assert.equal(
              labels[row * context + t],
              position === undefined ? 0 : stream.ids[(position + 1) % stream.tokens],
            );
            if (weights) assert.equal(weights[row * context + t], position === undefined ? 0 : 1);
          }
        });
      }),
      { numRuns: 150 },
    );
  });
}

test('documents: a row begins after a separator or continues a long document, followed by whole documents', () => {
  fc.assert(
    fc.property(anyText, ({ documents, context, seed }) => {
      const stream = textOf(documents);
      const cut = cutStream(stream, DOCUMENTS, { context, seed, lane: 0 });
      for (let row = 0; row < cut.windows; row++) {
        cut.piecesOf(0, row).forEach(({ start, targets }, index) => {
          const first = (start + 1) % stream.tokens;
          const document = stream.starts.findLastIndex((begin) => begin <= first);
          const end = stream.starts[document + 1] ?? stream.tokens;
          if (index > 0) assert.deepEqual([first, first + targets], [stream.starts[document], end]);
          else assert.equal((first - stream.starts[document]!) % context, 0);
        });
      }
    }),
    { numRuns: 200 },
  );
});

test('lines: a window begins at the start of a line, unless the line is longer than a window', () => {
  fc.assert(
    fc.property(anyText, ({ documents, context, seed }) => {
      const stream = textOf(documents);
      const cut = cutStream(stream, LINES, { context, seed, lane: 0 });
      for (let row = 0; row < cut.windows; row++) {
        const { start, targets } = cut.piecesOf(0, row)[0]!;
        const last = start + targets;
        const endsALine =
          [SEPARATOR, NEWLINE].includes(stream.ids[last % stream.tokens]!) &&
          stream.ids[(last + 1) % stream.tokens] !== SEPARATOR;
        if (!endsALine) assert.equal(targets, context, 'a line is only cut if it fills the window');
        const isLineStart =
          stream.ids[start] === SEPARATOR || (stream.ids[start] === NEWLINE && stream.ids[start + 1] !== SEPARATOR);
        if (isLineStart) continue;
        const lineStart = stream.ids.slice(0, start).lastIndexOf(NEWLINE) + 1;
        assert.ok(start + 1 - lineStart >= context - 1, `row ${row} begins inside a short line`);
      }
    }),
    { numRuns: 200 },
  );
});

test('packing short documents leaves little padding', () => {
  const stream = textOf(Array.from({ length: 500 }, (_, i) => [3 + ((i * 7919) % 23)]));
  const { windows } = cutStream(stream, DOCUMENTS, { context: 64, seed: 1, lane: 0 });
  const padding = 1 - stream.tokens / (windows * 64);
  assert.ok(padding < 0.05, `${(100 * padding).toFixed(1)} % padding`);
});

test('a stream shorter than a window is one padded window in every order', () => {
  const stream = textOf([[2, 1]]); // 3 + 2 + 1 tokens
  for (const order of [{ kind: 'anywhere' } as const, DOCUMENTS, LINES]) {
    const batches = planBatches({ mix: [{ stream, weight: 1 }], context: 8, batchSize: 2, seed: 4, order });
    assert.deepEqual(batches.windowsPerEpoch, [1]);
    const { tokens, labels, labelWeights: weights } = batches.batchAt(3);
    const row = [0, 2, 3, 1, 5, 1, 0, 0];
    assert.deepEqual([...tokens], [...row, ...row]);
    assert.deepEqual(Array.from(labels.slice(0, 8)), [2, 3, 1, 5, 1, 0, 0, 0]);
    assert.deepEqual(Array.from(weights!.slice(0, 8)), [1, 1, 1, 1, 1, 1, 0, 0]);
    assert.equal(batches.targetsBefore(3), 6 * 6);
  }
  assert.throws(
    () => cutStream({ tokens: 1, read: () => [0] }, DOCUMENTS, { context: 8, seed: 1, lane: 0 }),
    /1 tokens has nothing to predict/,
  );
});
