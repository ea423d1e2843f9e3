import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosenParams, flatParams } from '../../src/pipeline/flat-params.ts';

test('every param by its dotted path, numbers as plain decimals', () => {
  const stages = [
    {
      name: 'model',
      kind: 'train',
      inputs: {},
      runtime: { logEvery: 1 },
      params: { schedule: { peak: 3e-7, kind: 'cosine' }, mix: [{ from: 'a', weight: 1 }], steps: 1e21, flag: true },
    },
  ];
  assert.deepEqual(flatParams({ stages }), {
    'model.schedule.peak': '0.0000003',
    'model.schedule.kind': 'cosine',
    'model.mix': '[{"from":"a","weight":1}]',
    'model.steps': '1000000000000000000000',
    'model.flag': 'true',
  });
});

test('knows which params are written: one by one, in a list, and in a short form that becomes several', () => {
  const params = { peak: 1, floor: 0, mix: [{ from: 'a', weight: 1 }], prompt: { kind: 'text', text: 'Hi' }, steps: 9 };
  const stages = [{ name: 'model', kind: 'train', inputs: {}, runtime: {}, params }];
  const written = { model: { kind: 'train', params: { peak: 1, mix: [{ from: 'a' }], prompt: 'Hi' } }, other: null };
  assert.deepEqual(
    [...chosenParams(written, stages)],
    ['model.peak', 'model.mix', 'model.prompt.kind', 'model.prompt.text'],
  );
});
