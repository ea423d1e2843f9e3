import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kinds } from '../../stages/index.ts';
import { errorsOf, parseText } from '../kit/parse-errors.ts';

test('bfloat16 on tfjs is refused by planning, for sampling as for training', () => {
  const text = `name: p
stages:
  text: { kind: shards, params: { source: ids } }
  model:
    kind: train
    inputs: { text: text }
    params:
      model: { layers: 1, heads: 1, width: 8, context: 8 }
      schedule: { kind: constant, peak: 0.01 }
      steps: 1
      batchSize: 1
      engine: tfjs
      precision: fp32
  samples:
    kind: sample
    inputs: { checkpoint: model }
    params: { prompts: [Hello], engine: tfjs, precision: fp32 }
`;
  assert.equal(parseText(text, { kinds }).points.length, 1);
  assert.equal(
    errorsOf(text.replaceAll('fp32', 'bf16'), { kinds }),
    `p.yaml:13:18 error tfjs has no bfloat16
 13 |       precision: bf16
    |                  ^^^^
   hint: use engine: tensorflow, or precision: fp32

p.yaml:17:58 error tfjs has no bfloat16
 17 |     params: { prompts: [Hello], engine: tfjs, precision: bf16 }
    |                                                          ^^^^
   hint: use engine: tensorflow, or precision: fp32`,
  );
});

test('what a kind leaves out is none, and params are closed', () => {
  const { sources, inputs, optionalInputs, runtime, params, sizeParams, output } = kinds['evaluate']!;
  assert.deepEqual([sources, optionalInputs, sizeParams], [[], {}, []]);
  assert.deepEqual(Object.keys(inputs), ['checkpoint', 'held-out']);
  assert.deepEqual([Object.keys(runtime.properties), runtime.additionalProperties], [[], false]);
  assert.equal(params.additionalProperties, false);
  assert.equal(output({}), 'report');
});
