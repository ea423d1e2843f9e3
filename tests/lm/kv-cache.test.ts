import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Engine, Variable } from '../../src/engine/engine.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { forward } from '../../src/lm/model/forward.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import {
  cacheShapes,
  growthStep,
  promptInputs,
  promptStep,
  tokenInputs,
  tokenStep,
} from '../../src/lm/generation/kv-cache.ts';
import { appendInputs, appendStep } from '../../src/lm/generation/append-step.ts';
import { below, randomAt } from '../../src/lm/random/random.ts';
import { assertClose, prefixed, variablesIn } from './kit.ts';

const config = { vocabularySize: 23, context: 12, layers: 2, heads: 3, width: 12 };
const B = 3;
const S = 10;
// Ten times the usual standard deviation, so that attention is not nearly uniform.
const values = Object.fromEntries(
  Object.entries(initialWeights(config, 3)).map(([name, value]) => [
    name,
    name.includes('ln_') ? value : value.map((x) => 10 * x),
  ]),
);
const random = randomAt(4, 0, 'mix');
const texts = Array.from({ length: B }, () => Array.from({ length: S }, () => below(random, config.vocabularySize)));

/** Logits after every token of every text, from the full forward pass. */
async function expectedLogits(
  engine: Engine,
  weights: Record<string, Variable>,
): Promise<(text: number, position: number) => Float32Array> {
  const whole = engine.compile(
    'whole',
    { inputs: { tokens: { shape: [B, S], dtype: 'int32' } }, variables: weights },
    (inputs, given) => {
      return {
        outputs: {
          logits: modelOf(config).logits(given, forward(modelOf(config), given, { tokens_BT: inputs['tokens']! })),
        },
      };
    },
  );
  const { logits: rows } = await whole.call({ tokens: Int32Array.from(texts.flat()) });
  return (text, position) => rows!.subarray((text * S + position) * 23, (text * S + position + 1) * 23);
}

/** A cache with leftovers of an earlier text, which must have no effect. */
function usedCache(engine: Engine, length: number): Record<string, Variable> {
  const shapes = cacheShapes(modelOf(config), B, length);
  return variablesIn(
    engine,
    shapes,
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [
        name,
        Array.from({ length: shape.reduce((a, b) => a * b) }, () => 99),
      ]),
    ),
  );
}

test('rows at different positions, read token by token, have the logits of the full pass', async () => {
  const engine = await openTfjsEngine();
  const weights = variablesIn(engine, weightShapes(config), values);
  const expected = await expectedLogits(engine, weights);
  const program = engine.compile(
    'token',
    { inputs: tokenInputs(B), variables: { ...weights, ...usedCache(engine, S) } },
    tokenStep(modelOf(config)),
  );
  // Row 1 begins three calls later; row 2 starts another text when the first is half done.
  const textAt = (row: number, call: number): [number, number] =>
    row === 0 ? [0, call] : row === 1 ? [1, Math.max(0, call - 3)] : call < 5 ? [2, call] : [1, call - 5];
  for (let call = 0; call < S; call++) {
    const reads = [0, 1, 2].map((row) => textAt(row, call));
    const tokens = Int32Array.from(reads, ([text, position]) => texts[text]![position]!);
    const { logits: found } = await program.call({
      tokens,
      positions: Int32Array.from(reads, ([, position]) => position),
    });
    reads.forEach(([text, position], row) =>
      assertClose(
        found!.subarray(row * 23, (row + 1) * 23),
        expected(text, position),
        1e-5,
        `row ${row}, text ${text} at ${position}`,
      ),
    );
  }
  engine.close();
});

test('a padded prompt read in one pass into several rows, and a cache that grows, give the logits of the full pass', async () => {
  const engine = await openTfjsEngine();
  const weights = variablesIn(engine, weightShapes(config), values);
  const expected = await expectedLogits(engine, weights);
  const short = usedCache(engine, 7);
  const long = usedCache(engine, S);

  const prompt = engine.compile(
    'prompt',
    { inputs: promptInputs(B, 6), variables: { ...weights, ...short } },
    promptStep(modelOf(config)),
  );
  const read = async (text: number, count: number, rows: number[]): Promise<void> => {
    const tokens = Int32Array.from({ length: 6 }, (_, i) => (i < count ? texts[text]![i]! : 21));
    const { logits: found } = await prompt.call({
      tokens,
      last: Int32Array.of(count - 1),
      rows: Int32Array.from(rows),
    });
    assertClose(found!, expected(text, count - 1), 1e-5, `prompt of text ${text}`);
  };
  await read(1, 6, [0, 0, 0]);
  await read(0, 4, [1, 2, 1]);

  const go = async (cache: Record<string, Variable>, reads: [number, number][]): Promise<void> => {
    const program = engine.compile(
      'token',
      { inputs: tokenInputs(B), variables: { ...weights, ...cache } },
      tokenStep(modelOf(config)),
    );
    const { logits: found } = await program.call({
      tokens: Int32Array.from(reads, ([text, position]) => texts[text]![position]!),
      positions: Int32Array.from(reads, ([, position]) => position),
    });
    reads.forEach(([text, position], row) =>
      assertClose(
        found!.subarray(row * 23, (row + 1) * 23),
        expected(text, position),
        1e-5,
        `row ${row}, text ${text} at ${position}`,
      ),
    );
  };
  await go(short, [
    [1, 6],
    [0, 4],
    [0, 4],
  ]);
  // Row 0 has no room left.
  await engine
    .compile('grow', { inputs: {}, variables: { ...prefixed('from', short), ...prefixed('to', long) } }, growthStep())
    .call({});
  await go(long, [
    [1, 7],
    [0, 5],
    [0, 5],
  ]);
  await go(long, [
    [1, 8],
    [0, 6],
    [0, 6],
  ]);
  engine.close();
  assert.equal(texts.length, B);
});

test('tokens appended in one pass, with padding, to a row that was read in part, give the logits of the full pass', async () => {
  const engine = await openTfjsEngine();
  const weights = variablesIn(engine, weightShapes(config), values);
  const expected = await expectedLogits(engine, weights);
  const cache = usedCache(engine, S);
  const append = engine.compile(
    'append',
    { inputs: appendInputs(4), variables: { ...weights, ...cache } },
    appendStep(modelOf(config)),
  );
  const read = async (text: number, row: number, start: number, count: number): Promise<void> => {
    const tokens = Int32Array.from({ length: 4 }, (_, i) => (i < count ? texts[text]![start + i]! : 21));
    const [first, last] = [Int32Array.of(start), Int32Array.of(count - 1)];
    const { logits } = await append.call({ tokens, start: first, last, row: Int32Array.of(row) });
    assertClose(logits!, expected(text, start + count - 1), 1e-5, `text ${text} up to ${start + count}`);
  };
  await read(0, 1, 0, 3); // from the start; its padding is overwritten by what follows
  await read(2, 2, 0, 4);
  await read(0, 1, 3, 1);
  await read(0, 1, 4, 2);
  await read(2, 2, 4, 4);
  await read(0, 1, 6, 4); // up to the end of the cache
  await read(1, 1, 0, 2); // another text takes over the row
  engine.close();
});
