import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedParams } from '../../src/pipeline/schema/changed-params.ts';
import { drawGraph, mermaidGraph } from '../../src/pipeline/draw-graph.ts';
import { changesBetween } from '../../src/pipeline/plan/causes.ts';
import { explainStage, readersOf } from '../../src/pipeline/plan/explain.ts';
import { keyOf, preImageOf } from '../../src/pipeline/plan/key.ts';
import type { Digest, PreImage } from '../../src/pipeline/plan/key.ts';
import { planPipeline } from '../../src/pipeline/plan/plan.ts';
import type { Facts } from '../../src/pipeline/plan/plan.ts';
import type { Pipeline, Stage } from '../../src/pipeline/pipeline.ts';
import { causeLines } from '../../src/cli/screen/cause-words.ts';
import { fakeKinds } from '../kit/kinds.ts';

const digest = (text: string) => text as Digest;
const stage = (name: string, kind: string, inputs: Record<string, string>, params: Stage['params'] = {}): Stage => ({
  name,
  kind,
  inputs,
  params,
  runtime: {},
});
const stages = [
  stage('report', 'judge', { checkpoint: 'model', 'held-out': 'chat' }),
  stage('model', 'learn', { chat: 'chat' }, { steps: 10, schedule: { kind: 'constant', peak: 0.001 } }),
  stage('chat', 'fetch', {}, { source: 'data', format: 'jsonl' }),
];
const pipeline = { name: 'demo', experiment: 'demo', stages, trackingUri: null, labels: null, point: null } as Pipeline;
const environment = { threads: '2' };

/** What each stage read when it last ran with the present pipeline. */
const then: Record<string, PreImage> = {
  chat: preImageOf(stages[2]!, fakeKinds['fetch']!, {}, { source: digest('d0') }, null),
  model: preImageOf(stages[1]!, fakeKinds['learn']!, { chat: digest('made-chat') }, {}, environment),
  report: preImageOf(
    stages[0]!,
    fakeKinds['judge']!,
    { checkpoint: digest('made-model'), 'held-out': digest('made-chat') },
    {},
    environment,
  ),
};

/** Everything is unchanged and complete, except as given. */
function facts(
  changed: Partial<Facts> & { was?: Record<string, Partial<PreImage> | null>; source?: string; gone?: string[] } = {},
): Facts {
  const { was = {}, source = 'd0', gone = [], ...rest } = changed;
  const previous = (name: string): PreImage | null => (was[name] === null ? null : { ...then[name]!, ...was[name] });
  const known = Object.entries(then).map(([name, preImage]) => [JSON.stringify(preImage), name] as const);
  return {
    kinds: fakeKinds,
    sources: { chat: { source: digest(source) } },
    missingSources: {},
    environment: () => environment,
    artifactOf(key) {
      const found = known.find(([text]) => keyText(JSON.parse(text) as PreImage) === key);
      return found && !gone.includes(found[1]) ? digest(`made-${found[1]}`) : null;
    },
    hasWork: () => false,
    previous,
    ...rest,
  };
}
const keyText = (preImage: PreImage): string => keyOf(preImage);

test('a cached stage has no causes, only readers', () => {
  const known = facts();
  const { verdict, causes, readers } = explainStage('chat', planPipeline(pipeline, known), known, {
    makerOf: () => null,
  });
  assert.deepEqual([verdict, causes, readers], ['cached', [], ['model', 'report']]);
});

test('causes of each kind in words, old → new', () => {
  const lines = (known: Facts, name = 'model'): string[] =>
    causeLines(
      explainStage(name, planPipeline(pipeline, known), known, {
        makerOf: (artifact) => (artifact === 'made-chat' ? then['chat']! : null),
      }).causes,
      null,
      '',
    );
  assert.deepEqual(lines(facts({ was: { model: null }, gone: ['model'] })), ['has not run yet']);
  assert.deepEqual(lines(facts({ gone: ['model'] })), ['nothing changed, but its result is no longer in the store']);
  assert.deepEqual(lines(facts({ gone: ['model'], hasWork: () => true })), ['an unfinished attempt will be resumed']);
  const older = {
    version: 2,
    params: { steps: 12, schedule: { kind: 'cosine', peak: 0.002, warmupSteps: 5 } },
    environment: { threads: '4', library: 'x' },
  };
  assert.deepEqual(lines(facts({ was: { model: older }, gone: ['model'] })), [
    'behaviour version: 2 → 3',
    'params.schedule.kind: "cosine" → "constant"',
    'params.schedule.peak: 0.002 → 0.001',
    'params.schedule.warmupSteps: 5 → unset',
    'params.steps: 12 → 10',
    'environment.library: "x" → unset',
    'environment.threads: "4" → "2"',
  ]);
  assert.deepEqual(lines(facts({ was: { model: { kind: 'fetch' } }, gone: ['model'] })), ['kind: fetch → learn']);
  assert.deepEqual(lines(facts({ was: { model: { inputs: { chat: digest('old-chat') } } }, gone: ['model'] })), [
    'input chat, from chat: old-chat → made-chat',
  ]);
});

test('a changed file far upstream is traced to the stage that waits', () => {
  const known = facts({ source: 'd1' });
  const { causes, verdict } = explainStage('report', planPipeline(pipeline, known), known, { makerOf: () => null });
  assert.equal(verdict, 'waits');
  assert.deepEqual(causeLines(causes, null, ''), [
    'input checkpoint: made-model → new result of model (no rerun if the bytes are the same)',
    '  model: input chat: made-chat → new result of chat (no rerun if the bytes are the same)',
    '    chat: content of source: d0 → d1',
    'input held-out: made-chat → new result of chat (no rerun if the bytes are the same)',
  ]);
});

test('an input that was recomputed since is compared with what made the old one', () => {
  const oldChat: PreImage = { ...then['chat']!, params: { format: 'messenger' } };
  const known = facts({ was: { model: { inputs: { chat: digest('old-chat') } } }, gone: ['model'] });
  const { causes } = explainStage('model', planPipeline(pipeline, known), known, {
    makerOf: (artifact) => (artifact === 'old-chat' ? oldChat : null),
  });
  assert.deepEqual(causeLines(causes, null, ''), [
    'input chat, from chat: old-chat → made-chat',
    '  chat: params.format: "messenger" → "jsonl"',
  ]);
});

test('changes between two runs: only the differences', () => {
  assert.deepEqual(changesBetween(then['model']!, then['model']!), []);
  assert.deepEqual(changesBetween(then['model']!, { ...then['model']!, inputs: { chat: digest('x') } }), [
    { kind: 'input', port: 'chat', from: null, before: 'made-chat', after: 'x', causes: [] },
  ]);
});

test('finds direct and indirect readers of a stage', () => {
  const chain = Array.from({ length: 500 }, (_, at) => stage(`s${at}`, 'fetch', at < 499 ? { x: `s${at + 1}` } : {}));
  assert.equal(readersOf('s499', chain).length, 499);
  assert.deepEqual(readersOf('s0', chain), []);
});

test('draws each stage below its last input, with its other inputs beside it; a long chain does not overflow the stack', () => {
  const drawn = (all: Stage[]): string[] =>
    drawGraph(all).map(
      ({ branch, node, also }) => `${branch}${node.name}${also.length ? ` + ${also.join(', ')}` : ''}`,
    );
  assert.deepEqual(
    drawn([...stages, stage('other', 'fetch', {}), stage('samples', 'judge', { checkpoint: 'model' })]),
    ['chat', '└─ model', '   ├─ report + chat', '   └─ samples', 'other'],
  );
  assert.equal(
    drawn(Array.from({ length: 20_000 }, (_, at) => stage(`s${at}`, 'fetch', at > 0 ? { x: `s${at - 1}` } : {})))
      .length,
    20_000,
  );
  assert.equal(
    mermaidGraph(stages),
    `graph LR
  s0["report<br/><i>judge</i>"]
  s1["model<br/><i>learn</i>"]
  s2["chat<br/><i>fetch</i>"]
  s1 -->|checkpoint| s0
  s2 -->|held-out| s0
  s2 -->|chat| s1`,
  );
});

test('finds params that differ from the defaults, also inside unions', () => {
  const schema = fakeKinds['learn']!.params as never;
  const chosen = (params: Stage['params']) =>
    changedParams(schema, params).map(({ path, value }) => `${path}=${JSON.stringify(value)}`);
  assert.deepEqual(chosen({ steps: 3, seed: 7, schedule: { peak: 0.001, kind: 'constant' } }), ['steps=3']);
  assert.deepEqual(chosen({ steps: 3, seed: 8, schedule: { kind: 'cosine', peak: 0.1, warmupSteps: 100 } }), [
    'steps=3',
    'seed=8',
    'schedule.kind="cosine"',
    'schedule.peak=0.1',
  ]);
  assert.deepEqual(chosen({ steps: 3, unknown: { a: [1] } }), ['steps=3', 'unknown={"a":[1]}']);
});
