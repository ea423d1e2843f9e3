import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FINE_TUNED, FROM_SCRATCH, tokensPerStep } from '../../../src/cli/init/candidates.ts';
import { MOST_SECONDS, chooseTraining, trainingOf } from '../../../src/cli/init/choose.ts';
import type { Choice, Circumstances } from '../../../src/cli/init/choose.ts';

/** Of a machine on which a step of the smallest model takes this long, and larger ones proportionally longer. */
function machine(nanoSeconds: number, train: number, more: Partial<Circumstances> = {}): Circumstances {
  const factor: Record<string, number> = { 'gpt2-nano': 1, 'gpt2-mini': 5, 'gpt2-117m': 25, 'GPT-2 124M': 25 };
  return {
    tokens: { train, heldOut: Math.round(train / 10) },
    hasMemory: () => true,
    time: ({ title }) => Promise.resolve({ first: 3, step: nanoSeconds * factor[title]! }),
    ...more,
  };
}

const titled = async (around: Circumstances, candidates = FROM_SCRATCH): Promise<[string, string]> => {
  const { candidate, limit } = await chooseTraining(candidates, around);
  return [candidate.title, limit];
};

test('more text and a faster machine allow a larger model', async () => {
  assert.deepEqual(await titled(machine(0.1, 5_000)), ['gpt2-nano', 'least']);
  assert.deepEqual(await titled(machine(0.1, 50_000)), ['gpt2-nano', 'passes']);
  assert.deepEqual(await titled(machine(0.1, 500_000)), ['gpt2-mini', 'passes']);
  assert.deepEqual(await titled(machine(0.1, 6_000_000)), ['gpt2-mini', 'time'], '117M would see too little of it');
  assert.deepEqual(await titled(machine(0.002, 6_000_000)), ['gpt2-117m', 'passes']);
  assert.deepEqual(await titled(machine(1, 100_000_000)), ['gpt2-nano', 'time']);
});

test('a model for which there is no memory, or whose step cannot be timed, is not chosen', async () => {
  const around = machine(0.1, 500_000);
  assert.deepEqual(await titled({ ...around, hasMemory: ({ title }) => title !== 'gpt2-mini' }), [
    'gpt2-nano',
    'passes',
  ]);
  assert.deepEqual(await titled({ ...around, time: () => Promise.resolve(null) }), ['gpt2-nano', 'passes']);
});

test('weights that are there are fine-tuned, if there is time for a pass or for 200 steps', async () => {
  const candidates = [FINE_TUNED, ...FROM_SCRATCH];
  assert.deepEqual(await titled(machine(0.1, 50_000), candidates), ['GPT-2 124M', 'passes']);
  assert.deepEqual(await titled(machine(0.1, 50_000_000), candidates), ['GPT-2 124M', 'time']);
  assert.deepEqual(await titled(machine(2, 5_000), candidates), ['GPT-2 124M', 'least']);
  assert.deepEqual(await titled(machine(2, 5_000_000), candidates), ['gpt2-nano', 'time']);
});

test('only candidates that may be chosen are timed', async () => {
  const timed: string[] = [];
  const around = machine(0.1, 50_000);
  await chooseTraining(FROM_SCRATCH, {
    ...around,
    time(candidate) {
      timed.push(candidate.title);
      return around.time(candidate);
    },
  });
  assert.deepEqual(timed, ['gpt2-nano']);
});

test('no choice takes longer than two hours or passes over the text more often than is worth it', () => {
  const within = ({ candidate, seconds, steps, passes }: Choice, train: number): void => {
    assert.ok(steps >= 1 && Number.isInteger(steps));
    assert.ok(Math.abs(passes * train - steps * tokensPerStep(candidate)) < 1e-6 * steps * tokensPerStep(candidate));
    assert.ok(steps <= Math.max(100, Math.ceil((candidate.passes * train) / tokensPerStep(candidate))), String(steps));
    // at least one step, however slow
    if (seconds !== null && steps > 1) assert.ok(seconds <= MOST_SECONDS, String(seconds));
  };
  fc.assert(
    fc.property(
      fc.constantFrom(FINE_TUNED, ...FROM_SCRATCH),
      fc.double({ min: 0.001, max: 100, noNaN: true }),
      fc.integer({ min: 2, max: 1e9 }),
      fc.integer({ min: 0, max: 1e8 }),
      (candidate, step, train, heldOut) =>
        within(trainingOf(candidate, { first: 10 * step, step }, { train, heldOut }), train),
    ),
  );
});
