import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { kinds as real } from '../../stages/index.ts';
import { changesBetween } from '../../src/pipeline/plan/causes.ts';
import { canonical, keyOf, preImageOf } from '../../src/pipeline/plan/key.ts';
import type { Digest, Key } from '../../src/pipeline/plan/key.ts';
import { parsePipeline } from '../../src/pipeline/parse.ts';
import { planPipeline } from '../../src/pipeline/plan/plan.ts';
import type { Facts } from '../../src/pipeline/plan/plan.ts';
import type { Pipeline, Stage } from '../../src/pipeline/pipeline.ts';
import type { Json } from '../../src/pipeline/yaml/tree.ts';
import { fakeKinds } from '../kit/kinds.ts';

type Params = Stage['params'];
const digest = (text: string): Digest => text as Digest;

// --- random values ---------------------------------------------------------------------------------------------

const json = fc.letrec<{ value: Json; object: { [key: string]: Json } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    fc.string(),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.string({ maxLength: 6 }), tie('value'), { maxKeys: 5 }),
}));

/** Every way of changing one leaf, adding or leaving out one key, or one element. */
function singleChanges(value: Json): Json[] {
  if (Array.isArray(value))
    return [
      [...value, null],
      ...value.map((_, at) => value.filter((__, other) => other !== at)),
      ...value.flatMap((inner, at) => singleChanges(inner).map((changed) => value.with(at, changed))),
    ];
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    const without = entries.map((_, at) => Object.fromEntries(entries.filter((__, other) => other !== at)));
    return [
      { ...value, [`${Object.keys(value).join()}+`]: null },
      ...without,
      ...entries.flatMap(([key, inner]) => singleChanges(inner).map((changed) => ({ ...value, [key]: changed }))),
    ];
  }
  if (typeof value === 'number') return [value + 1 === value ? value / 2 : value + 1, String(value)];
  return [typeof value === 'string' ? `${value}x` : JSON.stringify(value), [value]];
}

const reordered = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  );
};

const keyOfParams = (params: Params): Key =>
  keyOf(preImageOf({ name: 's', kind: 'learn', inputs: {}, params, runtime: {} }, fakeKinds['learn']!, {}, {}, null));

test('any single change of any param changes the key; the order of keys does not', () => {
  fc.assert(
    fc.property(json.object, (params) => {
      const key = keyOfParams(params);
      assert.equal(keyOfParams(reordered(params) as Params), key);
      assert.equal(
        keyOfParams(JSON.parse(JSON.stringify(params)) as Params),
        key,
        'as it is read back from its record',
      );
      for (const changed of singleChanges(params))
        if (canonical(changed) !== canonical(params))
          assert.notEqual(
            keyOfParams(changed as Params),
            key,
            `${JSON.stringify(params)} → ${JSON.stringify(changed)}`,
          );
    }),
  );
});

test('different values never have the same text in the record', () => {
  fc.assert(
    fc.property(json.value, json.value, (one, other) => {
      assert.equal(canonical(one) === canonical(other), JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
    }),
  );
  const distinct: Json[] = [
    null,
    'null',
    0,
    '0',
    false,
    'false',
    '',
    [],
    {},
    [[]],
    [{}],
    { a: null },
    { a: {} },
    [1, 2],
    ['1,2'],
    [[1], 2],
    { 'a":1,"b': 1 },
    { a: 1, b: 1 },
    1e21,
    '1e21',
    0.1,
    0.1 + 1e-17 * 2,
  ];
  const texts = distinct.map(canonical);
  assert.equal(new Set(texts).size, new Set(distinct.map((value) => JSON.stringify(value))).size);
});

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  return typeof value === 'object' && value !== null
    ? {
        map: Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, inner]) => [key, sorted(inner)]),
      }
    : value;
}

// --- the real kinds ----------------------------------------------------------------------------------------------

const text = `name: all
seed: 5
stages:
  chat: { kind: ingest, params: { source: data, format: messenger } }
  tokens: { kind: tokenize, inputs: { conversations: chat }, params: { validation: 0.1 } }
  model:
    kind: train
    inputs: { chat: tokens }
    params: { model: { layers: 1, heads: 2, width: 16, context: 32 }, schedule: { kind: cosine, peak: 0.01, floor: 0.001, warmupSteps: 5 }, mix: [{ from: chat, weight: 1 }], steps: 30, batchSize: 2 }
  samples: { kind: sample, inputs: { checkpoint: model }, params: { prompts: [Hello] } }
  report: { kind: evaluate, inputs: { checkpoint: model, held-out: tokens } }
  own: { kind: command, inputs: { data: chat }, params: { argv: [sh, -c, "cp {in:data}/* {out}"] } }
`;
const all = (): Pipeline =>
  parsePipeline({ file: 'all.yaml', text, sets: [], kinds: real, readUsed: () => null }).points[0]!;

/** Facts in which every stage has run; each artifact is named after its key. */
function factsFor(pipeline: Pipeline, more: Partial<Facts> = {}): Facts {
  const sources: Facts['sources'] = Object.fromEntries(
    pipeline.stages.map((stage): [string, Record<string, Digest>] => [
      stage.name,
      stage.kind === 'ingest' || stage.kind === 'fetch' ? { source: digest('d0') } : {},
    ]),
  );
  return {
    kinds: real,
    sources,
    missingSources: {},
    environment: () => ({ library: '1', threads: '2' }),
    artifactOf: (key) => digest(`made by ${key}`),
    hasWork: () => false,
    previous: () => null,
    ...more,
  };
}

const keysOf = (pipeline: Pipeline, facts = factsFor(pipeline)): Record<string, Key> =>
  Object.fromEntries(planPipeline(pipeline, facts).map(({ stage, key }) => [stage.name, key!]));
const withStage = (pipeline: Pipeline, name: string, change: (stage: Stage) => Partial<Stage>): Pipeline => ({
  ...pipeline,
  stages: pipeline.stages.map((stage) => (stage.name === name ? { ...stage, ...change(stage) } : stage)),
});

/** The stage and all that read its result, directly or not. */
function downstream(pipeline: Pipeline, name: string): string[] {
  return [
    name,
    ...pipeline.stages
      .filter(({ inputs }) => Object.values(inputs).includes(name))
      .flatMap((stage) => downstream(pipeline, stage.name)),
  ];
}

function assertChanged(base: Pipeline, changed: Record<string, Key>, names: string[], what: string): void {
  for (const [name, key] of Object.entries(keysOf(base))) {
    if (names.includes(name)) assert.notEqual(changed[name], key, `${what}: ${name} has its old key`);
    else assert.equal(changed[name], key, `${what}: ${name} has another key`);
  }
}

test('for every real kind, each param, the version, each source and the environment change its key and those downstream, no others', () => {
  const base = all();
  for (const stage of base.stages) {
    const kind = real[stage.kind]!;
    const after = downstream(base, stage.name);
    const isPath = (params: Json): boolean =>
      canonical(preImageOf({ ...stage, params: params as Params }, kind, {}, {}, null).params) ===
      canonical(preImageOf(stage, kind, {}, {}, null).params);
    for (const params of singleChanges(stage.params))
      assertChanged(
        base,
        keysOf(withStage(base, stage.name, () => ({ params: params as Params }))),
        isPath(params) ? [] : after,
        JSON.stringify(params),
      );
    const newer = { ...real, [stage.kind]: { ...kind, version: kind.version + 1 } };
    assertChanged(base, keysOf(base, factsFor(base, { kinds: newer })), after, `version of ${stage.kind}`);
  }
  const sources = { ...factsFor(base).sources, chat: { source: digest('d1') } };
  assertChanged(base, keysOf(base, factsFor(base, { sources })), downstream(base, 'chat'), 'the content of a source');
  const environment = (): Record<string, string> => ({ library: '1', threads: '3' });
  assertChanged(base, keysOf(base, factsFor(base, { environment })), ['model', 'samples', 'report'], 'threads');
});

test('names, paths, order, runtime, needs, experiment and tracking do not change any key', () => {
  const base = all();
  const keys = Object.values(keysOf(base)).sort();
  const same = (pipeline: Pipeline, what: string): void =>
    assert.deepEqual(Object.values(keysOf(pipeline)).sort(), keys, what);
  same({ ...base, name: 'other', experiment: 'other', trackingUri: 'http://127.0.0.1:1' }, 'pipeline');
  same({ ...base, stages: [...base.stages].reverse() }, 'order');
  for (const stage of base.stages) {
    same(
      withStage(base, stage.name, () => ({ runtime: { logEvery: 999, checkpointEvery: 7, anything: 'x' } })),
      `runtime of ${stage.name}`,
    );
    same(
      {
        ...base,
        stages: base.stages.map((each) => ({
          ...each,
          name: each.name === stage.name ? 'renamed' : each.name,
          inputs: Object.fromEntries(
            Object.entries(each.inputs).map(([port, from]) => [port, from === stage.name ? 'renamed' : from]),
          ),
        })),
      },
      `renaming ${stage.name}`,
    );
  }
  same(
    withStage(base, 'chat', ({ params }) => ({ params: { ...params, source: '/elsewhere/data' } })),
    'path of a source',
  );
});

test('an input that is removed, added, replaced or moved to another port changes the key', () => {
  const base = all();
  const change = (inputs: Stage['inputs']): Record<string, Key> => keysOf(withStage(base, 'own', () => ({ inputs })));
  for (const inputs of [{}, { data: 'chat', more: 'chat' }, { data: 'tokens' }, { other: 'chat' }] as Stage['inputs'][])
    assertChanged(base, change(inputs), ['own'], JSON.stringify(inputs));
});

// --- random graphs -----------------------------------------------------------------------------------------------

const graph = fc
  .array(fc.record({ steps: fc.integer({ min: 1, max: 5 }), from: fc.uniqueArray(fc.nat(), { maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((nodes): Pipeline => {
    const stages = nodes.map(({ steps, from }, index): Stage => {
      const inputs = Object.fromEntries(
        index === 0 ? [] : from.map((target, port) => [`p${port}`, `s${target % index}`]),
      );
      return Object.keys(inputs).length
        ? { name: `s${index}`, kind: 'learn', inputs, params: { steps }, runtime: {} }
        : { name: `s${index}`, kind: 'fetch', inputs, params: { source: 'x', format: String(steps) }, runtime: {} };
    });
    return { name: 'g', experiment: 'g', stages, trackingUri: null, labels: null, point: null };
  });

test('on random graphs, a change affects exactly the keys downstream; other names and another order affect none', () => {
  fc.assert(
    fc.property(graph, fc.nat(), fc.infiniteStream(fc.nat()), (base, which, dice) => {
      const keys = (pipeline: Pipeline): Record<string, Key> =>
        keysOf(pipeline, factsFor(pipeline, { kinds: fakeKinds }));
      const before = keys(base);
      const target = base.stages[which % base.stages.length]!;
      const after = keys(withStage(base, target.name, ({ params }) => ({ params: { ...params, more: 1 } })));
      const affected = new Set(downstream(base, target.name));
      for (const { name } of base.stages) assert.equal(after[name] !== before[name], affected.has(name), name);
      const shuffled = base.stages
        .map((stage) => ({ stage, at: dice.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ stage }) => stage);
      const renamed = shuffled.map((stage): Stage => ({
        ...stage,
        name: `new-${stage.name}`,
        inputs: Object.fromEntries(
          Object.entries(stage.inputs)
            .reverse()
            .map(([port, from]) => [port, `new-${from}`]),
        ),
      }));
      const moved = keys({ ...base, stages: renamed });
      for (const { name } of base.stages) assert.equal(moved[`new-${name}`], before[name], name);
    }),
  );
});

test('equal records have no changes, any single change is reported, and text of a source never appears', () => {
  const kind = fakeKinds['learn']!;
  fc.assert(
    fc.property(json.object, (params) => {
      const record = (given: Params) =>
        preImageOf({ name: 's', kind: 'learn', inputs: {}, params: given, runtime: {} }, kind, {}, {}, null);
      assert.deepEqual(changesBetween(record(params), record(reordered(params) as Params)), []);
      for (const changed of singleChanges(params))
        if (canonical(changed) !== canonical(params))
          assert.notDeepEqual(
            changesBetween(record(params), record(changed as Params)),
            [],
            `${JSON.stringify(params)} → ${JSON.stringify(changed)}`,
          );
    }),
    { numRuns: 40 },
  );
});
