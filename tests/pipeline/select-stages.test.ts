import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { selectStages } from '../../src/pipeline/select-stages.ts';

const stage = (name: string, ...from: string[]) => ({
  name,
  kind: 'k',
  inputs: Object.fromEntries(from.map((each) => [each, each])),
  params: {},
  runtime: {},
});
const pipeline: Pipeline = {
  name: 'p',
  experiment: 'p',
  trackingUri: null,
  labels: null,
  point: null,
  stages: [
    stage('chat'),
    stage('tokens', 'chat'),
    stage('model', 'tokens'),
    stage('samples', 'model'),
    stage('report', 'model', 'tokens'),
    stage('alone'),
  ],
};
const picked = (...names: string[]) => {
  const found = selectStages(pipeline, names);
  return 'unknown' in found ? found.unknown : found.stages.map(({ name }) => name);
};

test("selects a stage with everything that it needs, in the file's order, and nothing else", () => {
  assert.deepEqual(picked('report'), ['chat', 'tokens', 'model', 'report']);
  assert.deepEqual(picked('alone', 'tokens'), ['chat', 'tokens', 'alone']);
  assert.equal(picked().length, 6);
});

test('each unknown name gets a suggestion', () => {
  assert.deepEqual(picked('modle', 'report', 'zzzzzz'), [
    'no stage "modle"; did you mean "model"?',
    'no stage "zzzzzz"; stages: chat, tokens, model, samples, report, alone',
  ]);
});
