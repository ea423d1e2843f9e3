import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ajv } from 'ajv';
import { PipelineFileError } from '../../src/pipeline/diagnostic/diagnostic.ts';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import { editorSchema } from '../../src/pipeline/pipeline-schema.ts';
import type { Problem } from '../../src/pipeline/schema/check.ts';
import { chanceOf, distinctDraws, valueOf } from '../../src/pipeline/sweep/random.ts';
import { shortNames } from '../../src/pipeline/sweep/titles.ts';
import { expandSweep } from '../../src/pipeline/sweep/sweep.ts';
import type { Json } from '../../src/pipeline/yaml/tree.ts';
import { fakeKinds } from '../kit/kinds.ts';

const base: Json = {
  name: 'p',
  stages: {
    model: { kind: 'learn', params: { steps: 10, schedule: { kind: 'cosine', peak: 0.1 } } },
    chat: { kind: 'fetch' },
  },
};
const PEAK = 'stages.model.params.schedule.peak';
const STEPS = 'stages.model.params.steps';
const SEED = 'stages.model.params.seed';

function expand(sweep: Json) {
  const problems: Problem[] = [];
  const { points } = expandSweep({ sweep, written: sweep }, base, (problem) => problems.push(problem));
  return { points, problems };
}

const titles = (sweep: Json): string[] => {
  const { points, problems } = expand(sweep);
  assert.deepEqual(problems, []);
  return points.map(({ title }) => title);
};

const text = (sweep: string): string => `name: demo
stages:
  chat: { kind: fetch, params: { source: data } }
  model: { kind: learn, inputs: { chat: chat }, params: { steps: 10, schedule: { kind: cosine, peak: 3.0e-4 } } }
sweep:
${sweep}`;

function errorsOf(sweep: string): string[] {
  try {
    parsePipeline({ file: 'p.yaml', text: text(sweep), sets: [], kinds: fakeKinds, readUsed: () => null });
  } catch (error) {
    if (!(error instanceof PipelineFileError)) throw error;
    return error.diagnostics.map(
      ({ line, column, length, message, hint }) => `${line}:${column}+${length} ${message}${hint ? `; ${hint}` : ''}`,
    );
  }
  assert.fail('no error');
}

test('grid, list and random, alone and combined', () => {
  assert.deepEqual(titles({ [PEAK]: [0.1, 0.2], [STEPS]: [5, 6] }), [
    'peak=0.1 steps=5',
    'peak=0.1 steps=6',
    'peak=0.2 steps=5',
    'peak=0.2 steps=6',
  ]);
  assert.deepEqual(titles({ grid: { [PEAK]: [0.1, 0.2] } }), titles({ [PEAK]: [0.1, 0.2] }));
  assert.deepEqual(titles({ list: { [PEAK]: [0.1, 0.2], [STEPS]: [5, 6] } }), ['peak=0.1 steps=5', 'peak=0.2 steps=6']);
  assert.deepEqual(titles({ list: { [PEAK]: [0.1, 0.2], [STEPS]: [5, 6] }, [SEED]: [1, 2] }), [
    'peak=0.1 steps=5 seed=1',
    'peak=0.1 steps=5 seed=2',
    'peak=0.2 steps=6 seed=1',
    'peak=0.2 steps=6 seed=2',
  ]);
  assert.equal(
    titles({
      random: { count: 3, [PEAK]: { from: 1e-4, to: 1e-2, scale: 'log' } },
      list: { [STEPS]: [5, 6] },
      grid: { [SEED]: [1, 2] },
    }).length,
    12,
  );
});

test('adding a value to a sweep changes no title or value of the other points', () => {
  const values = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(values, values, fc.integer({ min: 1, max: 30 }), fc.nat(1000), (steps, seeds, count, seed) => {
      const sweepOf = (s: number[], c: number): Json => ({
        [STEPS]: s,
        list: { [SEED]: seeds },
        random: { count: c, seed, [PEAK]: { from: 1e-5, to: 1, scale: 'log' } },
      });
      const larger = expand(sweepOf(steps, count + 5)).points;
      for (const fewer of [
        expand(sweepOf(steps.slice(0, -1), count + 5)).points,
        expand(sweepOf(steps, count)).points,
      ]) {
        const known = new Map(larger.map(({ title, values: all }) => [title, all]));
        for (const point of fewer) assert.deepEqual(known.get(point.title), point.values);
      }
      assert.equal(new Set(larger.map(({ title }) => title)).size, larger.length, 'titles are unique');
    }),
  );
});

test('count: 30 starts with the points of count: 20; another path or seed changes only what it should', () => {
  const random = (more: { [key: string]: Json }) =>
    expand({ random: { count: 20, [PEAK]: { from: 1e-4, to: 1e-2, scale: 'log' }, ...more } }).points.map(
      ({ values }) => values,
    );
  assert.deepEqual(random({ count: 30 }).slice(0, 20), random({}));
  assert.deepEqual(
    random({ [STEPS]: [1, 2, 3] }).map((values) => values[PEAK]),
    random({}).map((values) => values[PEAK]),
  );
  assert.notDeepEqual(random({ seed: 1 }), random({}));
  // Recorded: a point that moved would be trained again. printf '0\nx\n0' | sha256sum | cut -c1-12
  assert.equal(chanceOf(0, 'x', 0), 0xae7ab1121007 / 2 ** 48);
});

test('drawn values respect their range, step and scale', () => {
  const bounds = fc
    .tuple(fc.double({ min: 1e-6, max: 10, noNaN: true }), fc.double({ min: 1.001, max: 1e5, noNaN: true }))
    .map(([from, factor]) => ({ from, to: from * factor }));
  const inUnit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(bounds, fc.constantFrom('linear' as const, 'log' as const), inUnit, ({ from, to }, scale, at) => {
      const value = valueOf({ kind: 'range', from, to, scale }, at) as number;
      assert.ok(value >= from && value <= to);
      const stepped = valueOf({ kind: 'range', from: 2, to: 29, scale, step: 3 }, at) as number;
      assert.ok(stepped >= 2 && stepped <= 29 && (stepped - 2) % 3 === 0, String(stepped));
    }),
  );
  assert.equal(valueOf({ kind: 'range', from: 2, to: 29, scale: 'linear', step: 3 }, 0.999), 29, 'the last step too');
  const share = (scale: 'linear' | 'log') =>
    Array.from(
      { length: 2000 },
      (_, draw) => valueOf({ kind: 'range', from: 1e-4, to: 1e-2, scale }, chanceOf(5, 'p', draw)) as number,
    ).filter((value) => value < 1e-3).length / 2000;
  assert.ok(
    Math.abs(share('log') - 0.5) < 0.05 && Math.abs(share('linear') - 0.0909) < 0.03,
    `${share('log')} ${share('linear')}`,
  );
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 3000; draw++)
    counts[valueOf({ kind: 'choice', values: [0, 1, 2] }, chanceOf(1, 'p', draw)) as number]!++;
  assert.ok(
    counts.every((count) => Math.abs(count - 1000) < 120),
    String(counts),
  );
});

test('points of a random sweep are distinct, and a count that is too high is reported', () => {
  assert.equal(
    distinctDraws([{ path: 'a', chance: { kind: 'choice', values: [1, 2, 3] } }], { count: 9, seed: 0 }).length,
    3,
  );
  assert.match(
    errorsOf(`  random: { count: 9, ${STEPS}: [1, 2, 3] }`).join(),
    /count is 9, but there are only 3 different points/,
  );
});

test('reports all mistakes at once, each with location and hint', () => {
  assert.deepEqual(
    errorsOf(`  gird: { ${STEPS}: [1] }
  stages.modle.params.steps: [1, 2]
  grid: { ${SEED}: 5 }
  list:
    ${STEPS}: [1, 2, 3]
    stages.model.params.schedule.kind: [cosine]
  random: { cuont: 3, ${PEAK}: { from: 2, to: 1 } }
  halving: { stage: model, rungs: [0] }`),
    [
      '6:3+4 unknown key "gird"; did you mean "grid"?',
      '7:10+5 no stage "modle"; did you mean "model"?',
      '8:37+1 expected a list of values; [1.0e-4, 3.0e-4]',
      '11:40+8 1 value, but "stages.model.params.steps" has 3; lists are read side by side; for every combination put stages.model.params.schedule.kind under `grid:`',
      '12:3+6 "count" is missing; count: how many points',
      '12:13+5 unknown key "cuont"; did you mean "count"?',
      '12:58+18 to: 1 is not above from: 2',
      '13:36+1 element 1 of "rungs" must be at least 1, not 0',
    ],
  );
});

test('a path can be swept only once, and not inside another swept path', () => {
  assert.match(
    errorsOf(`  ${STEPS}: [1, 2]\n  list: { ${STEPS}: [3, 4] }`).join(),
    /^7:11\+\d+ "stages\.model\.params\.steps" is swept twice/,
  );
  assert.match(
    errorsOf(
      `  random: { count: 2, ${PEAK}: { from: 1, to: 2 } }\n  grid: { stages.model.params.schedule: [{ kind: constant, peak: 1 }] }`,
    ).join(),
    /"stages\.model\.params\.schedule\.peak" is inside "stages\.model\.params\.schedule", which is swept too/,
  );
  assert.match(
    errorsOf(`  list: { ${STEPS}: [1, 2, 1], ${SEED}: [5, 6, 5] }`).join(),
    /row 3 of the lists repeats an earlier row/,
  );
  assert.match(errorsOf(`  seed: [1, 2]`).join(), /unknown key "seed"/);
  assert.match(errorsOf(`  ${STEPS}: []`).join(), /expected a list of values/);
  assert.match(errorsOf(`  grid: [1]`).join(), /`grid:` maps dotted paths to values/);
  assert.match(errorsOf(`  halving: { stage: model, rungs: [1] }`).join(), /nothing is swept/);
  assert.match(errorsOf(`  ${STEPS}: { from: 1, to: 3 }`).join(), /a range \{from, to\} belongs under `random:`/);
  assert.match(
    errorsOf(
      `  ${STEPS}: [${Array.from({ length: 200 }, (_, i) => i + 1).join()}]\n  ${SEED}: [${Array.from({ length: 200 }, (_, i) => i).join()}]`,
    ).join(),
    /40,000 combinations; the limit is 10,000/,
  );
});

test('a value that does not fit is reported at its location, under any key of the sweep', () => {
  assert.deepEqual(
    errorsOf(`  list:\n    ${STEPS}: [5, 0]\n    ${SEED}: [1, 2]`).map((line) => line.split(' ')[0]),
    ['7:36+1'],
  );
  assert.match(
    errorsOf(`  random: { count: 3, ${STEPS}: { from: 1, to: 9 } }`).join(),
    /^6:23\+\d+ expected a whole number|^6:50\+\d+ expected a whole number/,
  );
});

test('a problem that many points have, each with its own numbers, is reported once', () => {
  const kinds = {
    ...fakeKinds,
    learn: {
      ...fakeKinds['learn']!,
      check: ({ steps, seed }: { steps: number; seed: number }) =>
        steps > 12 ? [{ path: 'seed', message: `no ${steps} steps at seed ${seed}` }] : [],
    },
  };
  const faults = (sweep: string) => {
    try {
      parsePipeline({ file: 'p.yaml', text: text(sweep), sets: [], kinds, readUsed: () => null });
      return [];
    } catch (error) {
      return (error as PipelineFileError).diagnostics.map(({ message }) => message);
    }
  };
  assert.deepEqual(faults(`  ${STEPS}: [11, 13, 14, 15]`), [
    'no 13 steps at seed 7; 2 more points have the same problem',
  ]);
  assert.deepEqual(faults(`  ${STEPS}: [13]`), ['no 13 steps at seed 7']);
});

test('the points of a large sweep share what does not differ', () => {
  const { points } = parsePipeline({
    file: 'p.yaml',
    text: text(`  random: { count: 1000, ${PEAK}: { from: 1.0e-9, to: 1, scale: log } }`),
    sets: [],
    kinds: fakeKinds,
    readUsed: () => null,
  });
  assert.equal(points.length, 1000);
  assert.ok(
    points.every(({ stages }) => stages[0] === points[0]!.stages[0]),
    'the same object',
  );
  assert.equal(
    new Set(points.map(({ stages }) => (stages[1]!.params['schedule'] as { peak: number }).peak)).size,
    1000,
  );
});

test('titles use the shortest unique suffixes of paths; long values are cut and still differ', () => {
  assert.deepEqual(
    [...shortNames(['stages.a.params.x.y', 'stages.b.params.x.y', 'stages.a.params.z']).values()],
    ['a.params.x.y', 'b.params.x.y', 'z'],
  );
  const [one, two] = titles({ [PEAK]: ['a'.repeat(100) + '1', 'a'.repeat(100) + '2'] });
  assert.ok(one !== two && one!.length < 60);
});

test('the editor’s schema accepts every form and no others', () => {
  const schema = editorSchema(fakeKinds) as { properties: { sweep: object } };
  const validate = new Ajv({ strict: false }).compile(schema.properties.sweep);
  const range = { from: 1, to: 2, scale: 'log' };
  for (const sweep of [
    { [PEAK]: [1] },
    { grid: { [PEAK]: [1] } },
    { list: { [PEAK]: [1] } },
    { random: { count: 2, [PEAK]: range, [STEPS]: [1, 2] } },
    { [PEAK]: [1], halving: { stage: 'm', rungs: [1] }, objective: { metric: 'a' } },
  ])
    assert.ok(validate(sweep), JSON.stringify([sweep, validate.errors]));
  for (const sweep of [
    {},
    { [PEAK]: 1 },
    { [PEAK]: range },
    { gird: {} },
    { random: { [PEAK]: range } },
    { random: { count: 1, x: [1] } },
    { halving: { stage: 'm' }, [PEAK]: [1] },
  ])
    assert.ok(!validate(sweep), JSON.stringify(sweep));
});
