import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { causesOf } from '../../src/pipeline/plan/causes.ts';
import { keyOf, preImageOf } from '../../src/pipeline/plan/key.ts';
import type { Digest, Key, PreImage } from '../../src/pipeline/plan/key.ts';
import { cycleIn, inOrder } from '../../src/pipeline/order.ts';
import type { Pipeline, Stage } from '../../src/pipeline/pipeline.ts';
import { planPipeline } from '../../src/pipeline/plan/plan.ts';
import type { Facts } from '../../src/pipeline/plan/plan.ts';
import { editorStageSchema } from '../../src/pipeline/pipeline-schema.ts';
import { planTable } from '../../src/cli/screen/plan-table.ts';
import { fakeKinds } from '../kit/kinds.ts';

const colours = { red: String, dim: String, bold: String, cyan: String, green: String, yellow: String };
const stages: Stage[] = [
  { name: 'report', kind: 'judge', inputs: { checkpoint: 'model', 'held-out': 'chat' }, params: {}, runtime: {} },
  {
    name: 'model',
    kind: 'learn',
    inputs: { chat: 'chat' },
    params: { steps: 10, schedule: { kind: 'constant', peak: 0.001 } },
    runtime: { logEvery: 1 },
  },
  { name: 'chat', kind: 'fetch', inputs: {}, params: { source: 'data', format: 'jsonl' }, runtime: {} },
];
const pipeline: Pipeline = { name: 'demo', experiment: 'demo', stages, trackingUri: null, labels: null, point: null };
const digest = (text: string) => text as Digest;

function factsWith(known: Partial<Facts> = {}): Facts {
  return {
    kinds: fakeKinds,
    sources: { chat: { source: digest('d0') } },
    missingSources: {},
    environment: () => ({ threads: '2' }),
    artifactOf: () => null,
    hasWork: () => false,
    previous: () => null,
    ...known,
  };
}

const table = (facts: Facts): string => planTable(planPipeline(pipeline, facts), facts, colours);

test('without results, the first stage is due and the others wait', () => {
  assert.equal(
    table(factsWith()),
    `  chat    fetch  due     has not run yet
  model   learn  waits   waits for chat
  report  judge  waits   waits for model, chat`,
  );
});

test('with all results, every stage is cached, in an order that follows the edges', () => {
  const plan = planPipeline(pipeline, factsWith({ artifactOf: (key) => digest(`made-${key}`) }));
  assert.deepEqual(
    plan.map(({ stage, verdict }) => [stage.name, verdict]),
    [
      ['chat', 'cached'],
      ['model', 'cached'],
      ['report', 'cached'],
    ],
  );
});

test('shows the old and new value of a change, and that an unfinished attempt will be resumed', () => {
  const chat = stages[2] as Stage;
  const chatKey = keyOf(preImageOf(chat, fakeKinds['fetch']!, {}, { source: digest('d0') }, null));
  const before: PreImage = preImageOf(
    { ...(stages[1] as Stage), params: { steps: 10, schedule: { kind: 'constant', peak: 0.002 } } },
    { ...fakeKinds['learn']!, version: 2 },
    { chat: digest('old') },
    {},
    { threads: '4' },
  );
  const facts = factsWith({
    artifactOf: (key) => (key === chatKey ? digest('a1') : null),
    previous: (name) => (name === 'model' ? before : null),
    hasWork: () => true,
  });
  assert.equal(
    table(facts),
    `  chat    fetch  cached
  model   learn  due     behaviour version: 2 → 3
                         params.schedule.peak: 0.002 → 0.001
                         input chat changed
                         environment.threads: "4" → "2"
                         resumes an unfinished attempt
  report  judge  waits   waits for model`,
  );
});

test('the stage of a missing source waits, and so do its readers, even if they have earlier results', () => {
  const facts = factsWith({
    missingSources: { chat: ['no file or folder "data"'] },
    artifactOf: (key) => digest(`made-${key}`),
  });
  assert.equal(
    table(facts),
    `  chat    fetch  waits   no file or folder "data"
  model   learn  waits   waits for chat
  report  judge  waits   waits for model, chat`,
  );
  const model = planPipeline(pipeline, facts)[1]!;
  assert.deepEqual(
    causesOf(model, { ...facts, previous: () => ({ ...preImageOf(stages[2]!, fakeKinds['fetch']!, {}, {}, null) }) }),
    [
      { kind: 'kind', before: 'fetch', after: 'learn' },
      { kind: 'input', port: 'chat', from: 'chat', before: undefined, after: null, causes: [] },
    ],
    'also for one that had another kind',
  );
});

test('the key changes with everything that matters and with nothing else', () => {
  const kind = fakeKinds['learn']!;
  const key = (
    stage: Stage,
    inputs = { chat: digest('a') },
    environment: Record<string, string> | null = { threads: '2' },
    version = 3,
  ): Key => keyOf(preImageOf(stage, { ...kind, version }, inputs, {}, environment));
  const model = stages[1] as Stage;
  const base = key(model);
  assert.equal(
    base,
    key({
      ...model,
      name: 'renamed',
      runtime: { logEvery: 99 },
      params: { schedule: { peak: 0.001, kind: 'constant' }, steps: 10 },
    }),
    'name, runtime and the order of keys do not matter',
  );
  for (const [what, other] of Object.entries({
    param: key({ ...model, params: { ...model.params, steps: 11 } }),
    input: key(model, { chat: digest('b') }),
    port: key(model, { chats: digest('a') } as never),
    environment: key(model, undefined, { threads: '3' }),
    version: key(model, undefined, undefined, 4),
  }))
    assert.notEqual(base, other, what);
  const fetchKind = fakeKinds['fetch']!;
  const at = (source: string, content: string) =>
    keyOf(
      preImageOf(
        { ...(stages[2] as Stage), params: { source, format: 'jsonl' } },
        fetchKind,
        {},
        { source: digest(content) },
        null,
      ),
    );
  assert.equal(at('here', 'd'), at('moved', 'd'), 'the path of a source does not matter');
  assert.notEqual(at('here', 'd'), at('here', 'e'), 'what it holds does');
});

test('order and cycles of random graphs', () => {
  const acyclic = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 30 }).map((edges) =>
    edges.map((targets, index) => ({
      name: `s${index}`,
      inputs: Object.fromEntries(index === 0 ? [] : targets.map((target, port) => [`p${port}`, `s${target % index}`])),
    })),
  );
  fc.assert(
    fc.property(acyclic, fc.integer(), (graph, seed) => {
      const shuffled = [...graph].sort(
        (a, b) => ((a.name.charCodeAt(1) * 7919 + seed) % 13) - ((b.name.charCodeAt(1) * 7919 + seed) % 13),
      );
      assert.equal(cycleIn(shuffled), null);
      const ordered = inOrder(shuffled).map(({ name }) => name);
      assert.deepEqual([...ordered].sort(), graph.map(({ name }) => name).sort());
      for (const { name, inputs } of graph)
        for (const input of Object.values(inputs)) assert.ok(ordered.indexOf(input) < ordered.indexOf(name));
    }),
  );
  const ring = Array.from({ length: 5000 }, (_, index) => ({
    name: `s${index}`,
    inputs: { x: `s${(index + 1) % 5000}` },
  }));
  assert.equal(cycleIn(ring)?.length, 5000);
  const chain = Array.from({ length: 20_000 }, (_, index) => ({
    name: `s${index}`,
    inputs: index === 19_999 ? {} : { x: `s${index + 1}` },
  }));
  assert.equal(inOrder(chain as Pick<Stage, 'name' | 'inputs'>[])[0]?.name, 's19999');
});

test('in the editor’s schema, keys with a default are optional and `use:` may provide the rest', () => {
  const validate = new Ajv({ strict: false }).compile(editorStageSchema(fakeKinds['learn']!));
  const stage = (params: object) => ({ kind: 'learn', inputs: { x: 'chat' }, params });
  assert.equal(validate(stage({ steps: 3 })), true, JSON.stringify(validate.errors));
  assert.equal(validate(stage({ use: 'm.yaml' })), true);
  assert.equal(validate(stage({ seed: 1 })), false);
  assert.equal(validate(stage({ steps: 3, stepz: 4 })), false);
});
