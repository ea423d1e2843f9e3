import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { kinds } from '../../stages/index.ts';
import { editorStageSchema } from '../../src/pipeline/pipeline-schema.ts';
import { keyOf, preImageOf } from '../../src/pipeline/plan/key.ts';
import type { Digest } from '../../src/pipeline/plan/key.ts';
import { errorsOf, parseText } from '../kit/parse-errors.ts';

const file = (prompts: string): string => `name: demo
stages:
  chat: { kind: ingest, params: { source: ./x } }
  tokens: { kind: tokenize, inputs: { conversations: chat } }
  model:
    kind: train
    inputs: { chat: tokens }
    params: { model: { layers: 1, heads: 1, width: 8, context: 8 }, schedule: { kind: constant, peak: 1 }, steps: 1, batchSize: 1 }
    runtime: { samples: { every: 1, prompts: ${prompts} } }
  samples: { kind: sample, inputs: { checkpoint: model }, params: { prompts: ${prompts} } }
`;

const stages = (text: string, ...sets: string[]) => parseText(text, { sets, kinds }).points[0]!.stages;
const promptsOf = (text: string, ...sets: string[]) => stages(text, ...sets)[3]!.params['prompts'];

test('a bare prompt means the list of that one: same params, same key', () => {
  const keys = ['"Ann:"', '["Ann:"]'].map((prompts) => {
    const stage = stages(file(prompts))[3]!;
    return keyOf(preImageOf(stage, kinds[stage.kind]!, { checkpoint: '' as Digest }, {}, null));
  });
  assert.equal(keys[0], keys[1]);
  assert.deepEqual(promptsOf(file('"Ann:"')), ['Ann:']);
  assert.deepEqual(stages(file('"Ann:"'))[2]!.runtime['samples'], stages(file('["Ann:"]'))[2]!.runtime['samples']);
  assert.match(errorsOf(file('5'), { kinds }), /expected a list, found number 5\n.*\n.*\n {3}hint: .*\["5"\]/);
});

test('--set takes a prompt and a template as a shell gives them, without quotes of YAML', () => {
  const prompts = 'stages.samples.params.prompts';
  const cases: [set: string, prompts: string[]][] = [
    ['Ann: hi', ['Ann: hi']],
    ['Ann:', ['Ann:']],
    ['Ann: #1', ['Ann: #1']],
    ['{x}: y', ['{x}: y']],
    ['@ann', ['@ann']],
    ['hi', ['hi']],
    ['"Ann: hi"', ['Ann: hi']],
    ["['Ann:', Ben]", ['Ann:', 'Ben']],
    ['- Ann', ['Ann']],
  ];
  for (const [set, expected] of cases) assert.deepEqual(promptsOf(file('[""]'), `${prompts}=${set}`), expected, set);
  const template = 'stages.tokens.params.template={name}: {text}';
  assert.equal(stages(file('[""]'), template)[1]!.params['template'], '{name}: {text}');
  assert.match(errorsOf(file('[""]'), { kinds, sets: [`${prompts}=[Ann:`] }), /the value is not YAML/);
  assert.match(
    errorsOf(file('[""]'), { kinds, sets: ['stages.model.params.steps=a: b'] }),
    /expected a whole number, found a mapping/,
  );
});

test('a sweep may list bare prompts', () => {
  const { points } = parseText(`${file('[""]')}sweep: { stages.samples.params.prompts: ["Ann:", "Ben:"] }\n`, {
    kinds,
  });
  assert.deepEqual(
    points.map(({ stages: all }) => all[3]!.params['prompts']),
    [['Ann:'], ['Ben:']],
  );
});

test('editors accept both forms', () => {
  const validate = new Ajv({ strict: false }).compile(editorStageSchema(kinds['sample']!));
  for (const prompts of ['Ann:', ['Ann:', '']])
    assert.ok(validate({ kind: 'sample', inputs: { checkpoint: 'model' }, params: { prompts } }));
  for (const prompts of [5, [5], []])
    assert.ok(!validate({ kind: 'sample', inputs: { checkpoint: 'model' }, params: { prompts } }));
});
