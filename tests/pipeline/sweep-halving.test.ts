import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import type { Kinds } from '../../src/pipeline/stage-kind.ts';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import { decide, survivorCount } from '../../src/pipeline/sweep/halving.ts';
import type { PointDecision, RungResult } from '../../src/pipeline/sweep/halving.ts';
import { fakeKinds } from '../kit/kinds.ts';

interface Case {
  /** the result that each point would have at each rung */
  truth: RungResult[][];
  rungs: number[];
  keepOneIn: number;
  goal: 'min' | 'max';
}

const value: fc.Arbitrary<RungResult> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 1, arbitrary: fc.constant('failed' as const) },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity) },
);
const anyCase: fc.Arbitrary<Case> = fc
  .record({
    points: fc.integer({ min: 1, max: 30 }),
    rungs: fc.integer({ min: 1, max: 4 }),
    keepOneIn: fc.constantFrom(1.5, 2, 3, 4),
    goal: fc.constantFrom('min' as const, 'max' as const),
  })
  .chain(({ points, rungs, ...rest }) =>
    fc
      .array(fc.array(value, { minLength: rungs, maxLength: rungs }), { minLength: points, maxLength: points })
      .map((truth) => ({ truth, rungs: Array.from({ length: rungs }, (_, index) => index + 1), ...rest })),
  );

/**
 * Runs points in the order that `pick` chooses until none is left to run to a rung. Returns what was run and how it
 * ended.
 */
function play(
  given: Case,
  pick: (ready: number[]) => number,
  onState: (decisions: PointDecision[], known: RungResult[][]) => void = () => {},
) {
  const known: RungResult[][] = given.truth.map(() => []);
  const ran: number[] = given.rungs.map(() => 0);
  for (;;) {
    const decisions = decide(known, given);
    onState(decisions, known);
    const ready = decisions.flatMap((decision, point) =>
      decision.kind === 'train' && decision.to !== null ? [point] : [],
    );
    if (ready.length === 0) return { decisions, known, ran };
    const point = ready[pick(ready) % ready.length]!;
    const rung = (decisions[point] as { to: number }).to;
    ran[rung]!++;
    known[point]![rung] = given.truth[point]![rung];
  }
}

const orders = fc.array(fc.nat(), { minLength: 1, maxLength: 50 }).map((numbers) => {
  let at = 0;
  return () => numbers[at++ % numbers.length]!;
});

test('in any order of results the same points continue, no rung gets too many points, and none is left waiting', () => {
  fc.assert(
    fc.property(anyCase, orders, (given, pick) => {
      const inOrder = play(given, () => 0);
      const shuffled = play(given, pick);
      assert.deepEqual(shuffled.decisions, inOrder.decisions);
      assert.deepEqual(shuffled.ran, inOrder.ran);
      let most = given.truth.length;
      for (const ran of inOrder.ran) {
        assert.ok(ran <= most, `${ran} of at most ${most}`);
        most = survivorCount(most, given.keepOneIn);
      }
      assert.ok(inOrder.decisions.filter(({ kind }) => kind === 'train').length <= most);
      assert.ok(!inOrder.decisions.some(({ kind }) => kind === 'wait'));
    }),
  );
});

test('a decision to promote, pause or fail a point never changes', () => {
  fc.assert(
    fc.property(anyCase, orders, (given, pick) => {
      const before = new Map<number, string>();
      const rank = (decision: PointDecision): number =>
        decision.kind === 'train' ? (decision.to ?? 99) : decision.rung;
      let last: PointDecision[] = [];
      play(given, pick, (decisions) => {
        for (const [point, decision] of decisions.entries()) {
          if (last[point]) assert.ok(rank(decision) >= rank(last[point]), 'no way back');
          if (decision.kind !== 'paused' && decision.kind !== 'failed') continue;
          const text = JSON.stringify(decision);
          assert.equal(before.get(point) ?? text, text);
          before.set(point, text);
        }
        last = decisions;
      });
    }),
  );
});

test('the best point of a rung is always promoted, and no point is promoted before a better one', () => {
  fc.assert(
    fc.property(anyCase, (given) => {
      const { known, decisions } = play(given, () => 0);
      const better = (a: number, b: number): boolean => (given.goal === 'min' ? a < b : a > b);
      const wentOn = (point: number, rung: number): boolean =>
        known[point]![rung + 1] !== undefined ||
        (rung + 1 === given.rungs.length && decisions[point]!.kind === 'train');
      for (const rung of given.rungs.keys()) {
        const here = given.truth.map((_, point) => point).filter((point) => Number.isFinite(known[point]![rung]));
        const on = here.filter((point) => wentOn(point, rung));
        if (here.length > 0) assert.ok(on.length >= 1);
        for (const point of on)
          for (const other of here)
            if (!on.includes(other)) assert.ok(!better(known[other]![rung] as number, known[point]![rung] as number));
      }
    }),
  );
});

test('the number of survivors is rounded down, but is at least one; ties go to the lower index', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 5, 6, 27].map((count) => survivorCount(count, 3)),
    [0, 1, 1, 1, 1, 2, 9],
  );
  assert.equal(survivorCount(10, 1.5), 6);
  // at the second rung 0 and 1 are equal, though 1 was better before
  assert.deepEqual(
    decide([[2, 5], [1, 5], [9], [9]], { rungs: [1, 2], keepOneIn: 2, goal: 'min' }).map(({ kind }) => kind),
    ['train', 'paused', 'paused', 'paused'],
  );
});

test('of 27 points, 9 pass the first of two rungs and 3 the second', () => {
  const truth = Array.from({ length: 27 }, (_, point) => [point, -point]);
  const { ran, decisions } = play({ truth, rungs: [100, 300], keepOneIn: 3, goal: 'min' }, () => 0);
  assert.deepEqual(ran, [27, 9]);
  // the best third at the first rung are 0–8; of those, by the second rung's values, the best are 8, 7, 6
  assert.deepEqual(
    decisions.flatMap((decision, point) => (decision.kind === 'train' ? [point] : [])),
    [6, 7, 8],
  );
  assert.deepEqual(
    decisions.map((decision) => (decision.kind === 'paused' ? decision.rung : null)),
    [...Array(6).fill(1), null, null, null, ...Array(18).fill(0)],
  );
});

test('with several at a time, points that are certainly among the best continue before the last results arrive', () => {
  const known: RungResult[][] = Array.from({ length: 9 }, (_, point) => (point < 7 ? [point] : []));
  assert.deepEqual(
    decide(known, { rungs: [10], keepOneIn: 3, goal: 'min' }).map(({ kind }) => kind),
    ['train', 'wait', 'wait', 'paused', 'paused', 'paused', 'paused', 'train', 'train'],
  );
  assert.deepEqual(decide(known, { rungs: [10], keepOneIn: 3, goal: 'min' })[0], { kind: 'train', to: null });
});

test('a halving that does not fit its pipeline is reported at its location', () => {
  const kinds: Kinds = {
    ...fakeKinds,
    learn: {
      ...fakeKinds['learn']!,
      pauseFault: (params: { steps: number }, step: number) => (step < params.steps ? null : `ends at ${params.steps}`),
    },
  };
  const errorsOf = (halving: string): string => {
    const text = `name: demo
stages:
  chat: { kind: fetch, params: { source: data } }
  model: { kind: learn, inputs: { chat: chat }, params: { steps: 10 } }
sweep:
  stages.model.params.seed: [1, 2]
  halving: ${halving}
`;
    try {
      const { sweep } = parsePipeline({ file: 'p.yaml', text, sets: [], kinds, readUsed: () => null });
      return JSON.stringify(sweep.halving);
    } catch (error) {
      if (!(error instanceof PipelineFileError)) throw error;
      return error.diagnostics
        .map(({ line, column, message, hint }) => `${line}:${column} ${message}${hint ? `; ${hint}` : ''}`)
        .join('\n');
    }
  };
  assert.equal(
    errorsOf('{ stage: model, rungs: [3, 6] }'),
    '{"stage":"model","rungs":[3,6],"metric":"eval/loss","goal":"min","keepOneIn":3}',
  );
  assert.equal(errorsOf('{ stage: model, rungs: [6, 3] }'), '7:39 rungs must be in ascending order');
  assert.equal(errorsOf('{ stage: modle, rungs: [3] }'), '7:21 no stage "modle"; did you mean "model"?');
  assert.equal(
    errorsOf('{ stage: chat, rungs: [3] }'),
    '7:21 "chat" is a stage of kind fetch, which cannot pause; stages that can: model',
  );
  assert.equal(errorsOf('{ stage: model, rungs: [3, 10] }'), '7:39 ends at 10');
  assert.match(errorsOf('{ stage: model, rungs: [3], keep: 3 }'), /unknown key "keep"/);
});
