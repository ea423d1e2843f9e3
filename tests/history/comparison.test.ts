import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareRuns } from '../../src/history/comparison.ts';
import { readRun } from '../../src/history/read-run.ts';
import type { RunData } from '../../src/history/read-run.ts';
import { onLine } from '../../src/pages/comparison.ts';
import { readPastRun } from '../../src/history/past-runs.ts';
import { makeRun } from '../kit/run-folder.ts';
import { temporaryDir } from '../kit/temporary.ts';

/** A run whose steps take one second and `tokens` tokens each, with validation losses `evals` by step. */
function runData(
  run: string,
  params: Record<string, string>,
  tokens: number,
  evals: Record<number, number>,
  more: Partial<RunData> = {},
): RunData {
  const steps = Math.max(...Object.keys(evals).map(Number));
  const seen = Array.from({ length: steps }, (_, index) => ({
    step: index + 1,
    value: (index + 1) * tokens,
    time: 1000 * (index + 1),
  }));
  const losses = Object.entries(evals).map(([step, value]) => ({
    step: Number(step),
    value,
    time: 1000 * Number(step),
  }));
  return {
    run,
    name: run,
    dir: '/nowhere',
    pipeline: 'p',
    title: run,
    sweep: null,
    startedMs: 0,
    seconds: 9,
    outcome: 'done',
    trouble: null,
    stages: [],
    params,
    metrics: new Map([
      ['train/tokens_seen', seen],
      ['eval/loss', losses],
    ]),
    ...more,
  };
}

test('compares best, last and equal-token losses, best run first, with only the params that differ', () => {
  const comparison = compareRuns(
    [
      runData('slow', { 'model.peak': '1', 'model.steps': '40' }, 10, { 20: 5, 40: 4 }),
      runData('fast', { 'model.peak': '2', 'model.steps': '40' }, 20, { 10: 6, 20: 3, 40: 3.5 }),
    ],
    null,
  );
  assert.deepEqual(
    comparison.runs.map(({ run, label, best, last }) => [run, label, best, last]),
    [
      ['fast', 'peak=2', { value: 3, step: 20 }, { value: 3.5, step: 40 }],
      ['slow', 'peak=1', { value: 4, step: 40 }, { value: 4, step: 40 }],
    ],
  );
  assert.deepEqual(comparison.differing, [{ path: 'model.peak', name: 'peak' }]);
  // slow saw 400 tokens and fast 800; at 400 tokens fast was at its step 20
  assert.equal(comparison.equalTokens, 400);
  assert.deepEqual(
    comparison.runs.map(({ atEqualTokens, tokens }) => [atEqualTokens, tokens]),
    [
      [3, 800],
      [4, 400],
    ],
  );
});

test('interpolates linearly between two validations', () => {
  const { runs, equalTokens } = compareRuns(
    [runData('a', {}, 10, { 10: 5, 30: 3 }), runData('b', {}, 10, { 5: 9, 25: 7 })],
    null,
  );
  assert.equal(equalTokens, 250);
  // a at 250 tokens is at its step 25, three quarters of the way from 5 to 3
  assert.deepEqual(
    runs.map(({ run, atEqualTokens }) => [run, atEqualTokens]),
    [
      ['a', 3.5],
      ['b', 7],
    ],
  );
});

test('compares runs without tokens, without metrics, or with a NaN loss', () => {
  const broken = runData('nan', { x: '1' }, 10, { 10: 4, 20: NaN });
  const empty = runData('empty', { x: '2' }, 10, { 1: 1 }, { metrics: new Map(), outcome: 'failed' });
  const { runs, metric } = compareRuns([empty, broken], null);
  assert.equal(metric, 'eval/loss');
  assert.deepEqual(
    runs.map(({ run, best, last }) => [run, best?.value, last?.value]),
    [
      ['nan', 4, NaN],
      ['empty', undefined, undefined],
    ],
  );
  assert.equal(compareRuns([empty], null).metric, null);
  const scores = [0.5, 0.9].map((value, index) =>
    runData(
      `s${index}`,
      {},
      1,
      { 1: 1 },
      {
        metrics: new Map([
          [
            'my/accuracy',
            [
              { step: 1, value, time: 0 },
              { step: 2, value: value / 2, time: 0 },
            ],
          ],
        ]),
      },
    ),
  );
  const byScore = compareRuns(scores, 'my/accuracy');
  assert.deepEqual(
    [byScore.lessIsBetter, byScore.runs.map(({ run, best }) => [run, best?.value])],
    [
      false,
      [
        ['s1', 0.9],
        ['s0', 0.5],
      ],
    ],
  );
});

test('the training time excludes gaps in which the run was stopped', () => {
  const paused = runData('p', {}, 10, { 40: 2 });
  const seen = paused.metrics
    .get('train/tokens_seen')!
    .map((point) => ({ ...point, time: point.time + (point.step > 20 ? 3_600_000 : 0) }));
  const { runs } = compareRuns(
    [{ ...paused, metrics: new Map([...paused.metrics, ['train/tokens_seen', seen]]) }],
    null,
  );
  assert.equal(runs[0]?.seconds, 39);
});

test('with two training stages, tokens and time are those of the stage that measured the metric', () => {
  const two = runData('two', {}, 10, { 10: 3 });
  const metrics = new Map(
    [...two.metrics].flatMap(
      ([name, points]) =>
        [
          [`a/${name}`, points],
          [`b/${name}`, points.map((point) => ({ ...point, value: point.value * 7 }))],
        ] as const,
    ),
  );
  const { runs } = compareRuns([{ ...two, metrics }], 'b/eval/loss');
  assert.equal(runs[0]?.tokens, 700);
});

test('the interpolated curve goes through its points and stays between them', () => {
  const curve = fc
    .uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 })
    .chain((steps) =>
      fc.tuple(
        fc.constant([...steps].sort((a, b) => a - b)),
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: steps.length, maxLength: steps.length }),
        fc.double({ min: -10, max: 1010, noNaN: true }),
      ),
    );
  fc.assert(
    fc.property(curve, ([xs, ys, x]) => {
      xs.forEach((point, index) => assert.equal(onLine(xs, ys, point), ys[index]));
      const value = onLine(xs, ys, x);
      if (x < xs[0]! || x > xs.at(-1)!) return assert.equal(value, null);
      const right = xs.findIndex((point) => point >= x);
      const ends = [ys[Math.max(0, right - 1)]!, ys[right]!];
      assert.ok(value! >= Math.min(...ends) - 1e-9 && value! <= Math.max(...ends) + 1e-9);
    }),
  );
});

test('reads a run’s folder: outcome, duration, params and curves', (context) => {
  const runsDir = temporaryDir(context);
  const metrics = [1, 2, 3].map((step) => ({ name: 'train/loss', step, value: 4 - step, time: step }));
  const dir = makeRun(runsDir, { run: '20260102-120000-p-aaaa', params: { 'm.x': '1' }, metrics });
  const read = readRun(readPastRun(dir)!);
  assert.deepEqual(
    [read.outcome, read.seconds, read.params, read.metrics.get('train/loss')?.map(({ value }) => value)],
    ['done', 65, { 'm.x': '1' }, [3, 2, 1]],
  );
  assert.equal(readRun(readPastRun(makeRun(runsDir, { run: '20260102-120001-p-bbbb', ok: null }))!).outcome, 'running');
  assert.equal(readRun(readPastRun(makeRun(runsDir, { run: '20260102-120002-p-cccc', ok: false }))!).outcome, 'failed');
});

test('in unlike runs, a default that a run without the stage lacks is no difference; a chosen value is one', () => {
  const facts = new Map([
    ['trained', { chosen: { 'model.peak': '1', 'chat.from': '2020', 'chat.format': 'csv' }, data: ['a.csv · 12'] }],
    ['read', { chosen: { 'chat.format': 'csv' }, data: [] }],
  ]);
  const { differing, common, runs } = compareRuns(
    [
      runData(
        'trained',
        { 'chat.format': 'csv', 'chat.from': '2020', 'model.engine': 'tensorflow', 'model.peak': '1' },
        10,
        { 20: 5 },
      ),
      runData('read', { 'chat.format': 'csv' }, 10, { 20: 6 }),
    ],
    null,
    facts,
  );
  assert.deepEqual(
    differing.map(({ path }) => path),
    ['chat.from'],
  );
  assert.deepEqual(common, [{ path: 'chat.format', value: 'csv' }]);
  assert.deepEqual(
    runs.map(({ data }) => data),
    [['a.csv · 12'], []],
  );
});

test('runs that their params would not tell apart are labelled by their names', () => {
  const labels = (...values: string[]): string[] =>
    compareRuns(
      values.map((value, index) =>
        runData(`r${index}`, { 'model.a': value, 'model.b': value.slice(0, 1) }, 10, { 20: 5 + index }),
      ),
      null,
    ).runs.map(({ label }) => label);
  assert.deepEqual(labels('1', '2'), ['a=1 b=1', 'a=2 b=2']);
  const conversation = 'dialog from a long text that goes on';
  assert.deepEqual(labels(`${conversation} 1`, `${conversation} 2`, 'x'), ['r0', 'r1', 'r2']);
});
