import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planReasons } from '../../src/cli/screen/cause-words.ts';
import { causesOf, changesBetween } from '../../src/pipeline/plan/causes.ts';
import type { Cause } from '../../src/pipeline/plan/causes.ts';
import { explainStage } from '../../src/pipeline/plan/explain.ts';
import { canonical, preImageOf } from '../../src/pipeline/plan/key.ts';
import type { Digest, PreImage } from '../../src/pipeline/plan/key.ts';
import { planPipeline } from '../../src/pipeline/plan/plan.ts';
import type { Facts } from '../../src/pipeline/plan/plan.ts';
import type { Pipeline, Stage } from '../../src/pipeline/pipeline.ts';
import { isObject } from '../../src/pipeline/yaml/tree.ts';
import type { Json } from '../../src/pipeline/yaml/tree.ts';
import { fakeKinds } from '../kit/kinds.ts';

const digest = (text: string): Digest => text as Digest;

// --- random pairs of records ----------------------------------------------------------------------------------------

/** Few names and values, so that two records have much in common; no dots, so that each path leads to one leaf. */
const name = fc.constantFrom('a', 'b', 'c', 'constructor', 'toString');
const digests = fc.dictionary(name, fc.constantFrom(digest('d0'), digest('d1')), { maxKeys: 3 });
const { params } = fc.letrec<{ value: Json; params: { [key: string]: Json } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1, 0.1, 'x', ''),
    fc.array(tie('value'), { maxLength: 2 }),
    tie('params'),
    tie('params'),
  ),
  params: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
}));
const record: fc.Arbitrary<PreImage> = fc.record({
  record: fc.constant('stage/1' as const),
  kind: fc.constantFrom('fetch', 'learn'),
  version: fc.integer({ min: 1, max: 2 }),
  params,
  sources: digests,
  inputs: digests,
  environment: fc.option(fc.dictionary(name, fc.constantFrom('2', '4'), { minKeys: 1, maxKeys: 2 })),
});

const asJson = (preImage: PreImage): Json => preImage as unknown as Json;
const equal = (one: PreImage, other: PreImage): boolean => canonical(asJson(one)) === canonical(asJson(other));
/** What a cause is about; a record has each of these once. */
const subject = (cause: Cause): string =>
  cause.kind === 'param'
    ? `params.${cause.path}`
    : cause.kind === 'source'
      ? `sources.${cause.param}`
      : cause.kind === 'input'
        ? `inputs.${cause.port}`
        : cause.kind === 'environment'
          ? `environment.${cause.name}`
          : cause.kind;

/** The record that `before` becomes by making only these changes. */
function changed(before: PreImage, causes: Cause[]): PreImage {
  const after = causes.reduce<Json>(
    (json, cause) => ('after' in cause ? withValue(json, subject(cause).split('.'), cause.after) : json),
    asJson(before),
  ) as unknown as PreImage;
  return { ...after, environment: Object.keys(after.environment ?? {}).length ? after.environment : null };
}

function withValue(json: Json, [step = '', ...rest]: string[], value: Json | undefined): Json {
  if (Array.isArray(json))
    return json.map((element, i) => (String(i) === step ? withValue(element, rest, value) : element));
  const entries = Object.entries(isObject(json) ? json : {}).filter(([key]) => key !== step);
  const inner = isObject(json) && Object.hasOwn(json, step) ? json[step] : {};
  const replaced = rest.length ? withValue(inner ?? {}, rest, value) : value;
  return Object.fromEntries(replaced === undefined ? entries : [...entries, [step, replaced]]);
}

test('there are no changes if and only if the records are equal, and every change is reported exactly once', () => {
  fc.assert(
    fc.property(record, record, fc.boolean(), (before, other, alike) => {
      const after = alike ? { ...before, params: { ...before.params, ...other.params } } : other;
      const causes = changesBetween(before, after);
      assert.equal(causes.length === 0, equal(before, after));
      assert.ok(equal(changed(before, causes), after), 'the changes turn one record into the other');
      assert.equal(new Set(causes.map(subject)).size, causes.length, 'each is reported once');
      for (const cause of causes) {
        const others = causes.filter((one) => one !== cause);
        assert.ok(!equal(changed(before, others), after), `${subject(cause)} differs`);
        if (cause.kind === 'param')
          assert.ok(!isObject(cause.before) || !isObject(cause.after), `${cause.path} is followed to its leaves`);
      }
    }),
    { numRuns: 1000 },
  );
});

test('in a list of sources, the causes name the one that changed, came or went, without its path', () => {
  const kind = { ...fakeKinds['fetch']!, sources: ['source', 'sources.*.path'] };
  const reads = (given: Stage['params'], sources: Record<string, string>): PreImage =>
    preImageOf(
      { name: 's', kind: 'fetch', inputs: {}, params: given, runtime: {} },
      kind,
      {},
      sources as Record<string, Digest>,
      null,
    );
  const before = reads(
    {
      sources: [
        { path: './a', format: 'x' },
        { path: './b', format: 'y' },
      ],
    },
    { 'sources.0.path': 'd0', 'sources.1.path': 'd1' },
  );
  assert.ok(!canonical(asJson(before)).includes('./'), 'no path in the record');
  const wordsOf = (after: PreImage): string[] =>
    planReasons(
      { stage: { name: 's', kind: 'fetch', inputs: {}, params: {}, runtime: {} }, verdict: 'due' } as never,
      changesBetween(before, after),
    );
  const moved = reads(
    {
      sources: [
        { path: '/elsewhere', format: 'x' },
        { path: './b', format: 'y' },
      ],
    },
    { 'sources.0.path': 'd0', 'sources.1.path': 'd1' },
  );
  assert.deepEqual(wordsOf(moved), []);
  const edited = reads(
    {
      sources: [
        { path: './a', format: 'x' },
        { path: './b', format: 'z' },
      ],
    },
    { 'sources.0.path': 'd0', 'sources.1.path': 'd2' },
  );
  assert.deepEqual(wordsOf(edited), ['params.sources.1.format: "y" → "z"', 'sources.1.path: its content changed']);
  const single = reads({ source: './a' }, { source: 'd0' });
  assert.deepEqual(wordsOf(single).slice(1), ['source: added', 'sources.0.path: removed', 'sources.1.path: removed']);
});

test('names of built-in object properties can be params', () => {
  const learn = (given: Stage['params']): PreImage =>
    preImageOf({ name: 's', kind: 'learn', inputs: {}, params: given, runtime: {} }, fakeKinds['learn']!, {}, {}, null);
  assert.deepEqual(changesBetween(learn({}), learn({ constructor: 'x' })), [
    { kind: 'param', path: 'constructor', before: undefined, after: 'x' },
  ]);
  const proto = JSON.parse('{"__proto__":{}}') as Stage['params'];
  assert.equal(changesBetween(learn({}), learn(proto)).length, 1);
});

// --- random pipelines in random states ------------------------------------------------------------------------------

interface StageState {
  from: number[];
  missing: readonly string[];
  /** what it read last time: the same as now as far as known, or anything else */
  previous: 'the same' | 'of another kind' | PreImage | null;
}

const stageState: fc.Arbitrary<StageState> = fc.record({
  from: fc.uniqueArray(fc.nat(), { maxLength: 3 }),
  missing: fc.oneof(
    { weight: 5, arbitrary: fc.constant<readonly string[]>([]) },
    fc.constant<readonly string[]>(['no file "x"']),
  ),
  previous: fc.oneof(fc.constantFrom('the same' as const, 'of another kind' as const, null), record),
});
const states = fc.array(stageState, { minLength: 1, maxLength: 10 });

/** `dice` decides which results exist and which attempts are unfinished. */
function world(state: StageState[], dice: number): { pipeline: Pipeline; facts: Facts } {
  const stages = state.map(({ from }, index): Stage => {
    const inputs = index === 0 ? [] : from.map((target, port) => [`p${port}`, `s${target % index}`]);
    return { name: `s${index}`, kind: 'learn', inputs: Object.fromEntries(inputs), params: { n: index }, runtime: {} };
  });
  const pipeline: Pipeline = { name: 'p', experiment: 'p', stages, trackingUri: null, labels: null, point: null };
  const bit = (key: string, index: number): boolean =>
    ((Number.parseInt(key.slice(0, 8), 16) ^ dice) >> index) % 2 === 0;
  const facts: Facts = {
    kinds: fakeKinds,
    sources: {},
    missingSources: Object.fromEntries(state.map(({ missing }, index) => [`s${index}`, [...missing]])),
    environment: () => ({ threads: '2' }),
    artifactOf: (key) => (bit(key, 0) || bit(key, 1) ? digest(`made by ${key}`) : null),
    hasWork: (key) => bit(key, 2),
    previous: () => null,
  };
  const readNow = new Map(planPipeline(pipeline, facts).map(({ stage, preImage }) => [stage.name, preImage]));
  const previous = (stageName: string): PreImage | null => {
    const before = state[Number(stageName.slice(1))]!.previous;
    const now = readNow.get(stageName) ?? null;
    if (before === 'the same') return now;
    return before === 'of another kind' ? now && { ...now, kind: 'judge' } : before;
  };
  return { pipeline, facts: { ...facts, previous } };
}

const withoutUpstream = (causes: Cause[]): Cause[] =>
  causes.map((cause) => (cause.kind === 'input' ? { ...cause, causes: [] } : cause));

test('plan and explain agree on every verdict and its causes', () => {
  fc.assert(
    fc.property(states, fc.nat(), (state, dice) => {
      const { pipeline, facts } = world(state, dice);
      const plan = planPipeline(pipeline, facts);
      for (const planned of plan) {
        const { stage, verdict } = planned;
        const causes = causesOf(planned, facts);
        const explained = explainStage(stage.name, plan, facts, { makerOf: () => null });
        assert.equal(explained.verdict, verdict);
        assert.deepEqual(withoutUpstream(explained.causes), causes);
        const waits = causes.some(
          (cause) => cause.kind === 'missing-source' || (cause.kind === 'input' && cause.after === null),
        );
        assert.equal(verdict, causes.length === 0 ? 'cached' : waits ? 'waits' : 'due');
        assert.equal(
          planReasons(planned, causes).length > 0,
          verdict !== 'cached',
          'every stage that is not cached has a reason',
        );
      }
    }),
    { numRuns: 500 },
  );
});
