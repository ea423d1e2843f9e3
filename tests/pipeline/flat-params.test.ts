import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatParams } from '../../src/pipeline/flat-params.ts';

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
  assert.deepEqual(flatParams({ name: 'p', experiment: 'p', stages, trackingUri: null, labels: null, point: null }), {
    'model.schedule.peak': '0.0000003',
    'model.schedule.kind': 'cosine',
    'model.mix': '[{"from":"a","weight":1}]',
    'model.steps': '1000000000000000000000',
    'model.flag': 'true',
  });
});
