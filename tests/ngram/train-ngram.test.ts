import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomAt, uniform } from '../../src/lm/random/random.ts';
import { countedBits } from '../../src/ngram/counted-bits.ts';
import { trainNgram } from '../../src/ngram/train-ngram.ts';

test('Witten-Bell by hand: 0 1 0 2 0 1', () => {
  const model = trainNgram([0, 1, 0, 2, 0, 1], 4);
  const single = [(3 + 3 / 4) / 9, (2 + 3 / 4) / 9, (1 + 3 / 4) / 9, 3 / 4 / 9];
  const p = (context: number[], id: number): number => Math.exp(model.logProbability(context, id));
  const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-15, `${a}, not ${b}`);
  for (const id of [0, 1, 2, 3]) close(p([], id), single[id]!);
  // after 0: 1 twice, 2 once
  close(p([0], 1), (2 + 2 * single[1]!) / 5);
  close(p([0], 3), (2 * single[3]!) / 5);
  // after 1: 0 once; its second time ends the stream
  close(p([1], 0), (1 + single[0]!) / 2);
  // after 1 0: 2 once; 3 1 0 never occurred
  close(p([1, 0], 2), (1 + (1 + 2 * single[2]!) / 5) / 2);
  close(p([3, 1, 0], 2), p([1, 0], 2));
  // only the last three ids count
  close(p([3, 3, 0, 1, 0], 2), p([0, 1, 0], 2));
});

const vocabulary = 6;
const id = fc.nat(vocabulary - 1);
const stream = fc.array(id, { maxLength: 80 });
const context = fc.array(fc.nat(vocabulary), { maxLength: 5 });

test('probabilities are those of a direct computation, and sum to 1', () => {
  fc.assert(
    fc.property(stream, context, (stream, context) => {
      const { logProbability } = trainNgram(stream, vocabulary);
      let sum = 0;
      for (let id = 0; id < vocabulary; id++) {
        const probability = Math.exp(logProbability(context, id));
        assert.ok(Math.abs(probability / direct(stream, context.slice(-3), id) - 1) < 1e-12);
        sum += probability;
      }
      assert.ok(Math.abs(sum - 1) < 1e-12, `${sum}`);
    }),
    { numRuns: 500 },
  );
});

test('samples are as frequent as their probabilities say', () => {
  const random = randomAt(1, 0, 'sampling');
  const stream = Array.from({ length: 300 }, (_, i) =>
    i % 7 === 0 ? Math.floor(uniform(random) * vocabulary) : i % 4,
  );
  const model = trainNgram(stream, vocabulary);
  for (const context of [[], [3], [2, 3], [1, 2, 3], [5, 5, 5], [9, 0, 1]]) {
    const draws = 20_000;
    const counts = Array.from({ length: vocabulary }, () => 0);
    for (let i = 0; i < draws; i++) counts[model.sample(context, () => uniform(random))]!++;
    counts.forEach((count, id) => {
      const p = Math.exp(model.logProbability(context, id));
      const deviations = (count - draws * p) / Math.sqrt(draws * p * (1 - p));
      assert.ok(Math.abs(deviations) < 4.5, `after ${context}: ${id} ${count} times, p ${p}`);
    });
  }
});

test("a vocabulary as large as GPT-2's, an empty stream, a single token", () => {
  const { logProbability, sample } = trainNgram([50_256, 0, 50_256], 50_257);
  assert.ok(Math.abs(Math.exp(logProbability([50_256], 0)) - (1 + (1 + 2 / 50_257) / 5) / 2) < 1e-15);
  assert.equal(
    sample([50_256], () => 0),
    0,
  );
  assert.equal(
    sample([], () => 1 - 2 ** -33),
    50_256,
  );
  const empty = trainNgram([], 5);
  assert.equal(empty.logProbability([1, 2, 3], 4), Math.log(1 / 5));
  assert.equal(
    empty.sample([1, 2, 3], () => 0.5),
    2,
  );
  assert.equal(trainNgram(Uint16Array.of(3), 5).logProbability([3], 3), Math.log((1 + 1 / 5) / 2));
});

test('ids outside the vocabulary are errors that say where', () => {
  assert.throws(() => trainNgram([0, 7], 7), /token 1 is 7, not a whole number below 7/);
  assert.throws(() => trainNgram([0.5], 7), /token 0 is 0.5/);
  assert.throws(() => trainNgram([0], 7).logProbability([], 7), /7 is not an id below 7/);
});

test('counted bits', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (bits) => {
      const { before } = countedBits(bits.length, (i) => bits[i]!);
      for (let end = 0; end <= bits.length; end++) assert.equal(before(end), bits.slice(0, end).filter(Boolean).length);
    }),
  );
});

test('a million tokens', (t) => {
  const random = randomAt(2, 0, 'sampling');
  // skewed as words are, and with repeated runs
  const stream = new Uint16Array(1_000_000);
  for (let i = 0; i < stream.length; i++)
    stream[i] = i > 5000 && i % 10 < 6 ? stream[i - 4990]! : Math.floor(50_257 ** uniform(random)) - 1;
  const start = performance.now();
  const model = trainNgram(stream, 50_257);
  const trained = performance.now();
  let sum = 0;
  for (let i = 3; i < 20_003; i++) sum += model.logProbability(stream.subarray(i - 3, i), stream[i]!);
  const scored = performance.now();
  const text = [0];
  while (text.length < 20_001) text.push(model.sample(text, () => uniform(random)));
  const sampled = performance.now();
  assert.ok(sum < 0 && text.every((id) => id < 50_257));
  t.diagnostic(
    `trained in ${Math.round(trained - start)} ms; ${Math.round((scored - trained) / 20)} µs a probability, ${Math.round((sampled - scored) / 20)} µs a sample`,
  );
});

/** The definition, counting anew each time. */
function direct(stream: number[], context: number[], id: number): number {
  const shorter = context.length === 0 ? 1 / vocabulary : direct(stream, context.slice(1), id);
  const followers = stream.filter(
    (_, i) => i >= context.length && context.every((expected, j) => stream[i - context.length + j] === expected),
  );
  if (followers.length === 0) return shorter;
  const kinds = new Set(followers).size;
  const count = followers.filter((follower) => follower === id).length;
  return (count + kinds * shorter) / (followers.length + kinds);
}
