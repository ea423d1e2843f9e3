import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { openCheckpoint } from '../../src/artifacts/checkpoint/checkpoint.ts';
import { writeModel } from '../kit/write-model.ts';
import { writeSafetensors } from '../../src/artifacts/checkpoint/safetensors.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { temporaryFolder } from '../stages/model-kit.ts';

const folder = temporaryFolder();
after(folder.remove);
const model = { vocabularySize: 30, context: 6, layers: 2, heads: 2, width: 4 };
const weights = initialWeights(model, 1);
const training = {
  version: 1 as const,
  step: 3,
  seed: 9,
  init: { kind: 'random' as const, seed: 9 },
  validationLoss: 2.5,
};
const tensors = Object.entries(weightShapes(model)).map(([name, shape]) => ({
  name,
  shape,
  read: () => weights[name]!,
}));

async function written(name: string): Promise<string> {
  const dir = join(folder.dir, name);
  await writeModel(dir, { model, separator: 29, training, tensors });
  return dir;
}

test('reads back a checkpoint: config, record, every weight, both vocabulary files', async () => {
  const checkpoint = openCheckpoint(await written('back'), modelFormat);
  assert.deepEqual(checkpoint.model, model);
  assert.deepEqual(checkpoint.training, training);
  for (const [name, values] of Object.entries(weights)) assert.deepEqual(checkpoint.read(name), values);
  assert.equal(Object.keys(JSON.parse(checkpoint.vocabJson) as object).length, 50257);
  assert.match(checkpoint.mergesText, /^#version/);
  checkpoint.close();
});

test('config.json is in the form that transformers expects for a GPT-2', async () => {
  const config = JSON.parse(readFileSync(join(await written('config'), 'config.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  const expected = {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    vocab_size: 30,
    n_positions: 6,
    n_embd: 4,
    n_layer: 2,
    n_head: 2,
    activation_function: 'gelu_new',
    layer_norm_epsilon: 1e-5,
    tie_word_embeddings: true,
    bos_token_id: 29,
    eos_token_id: 29,
  };
  for (const [name, value] of Object.entries(expected)) assert.deepEqual(config[name], value, name);
});

test('lists every tensor that does not match', async () => {
  const dir = await written('misfit');
  const wrong = tensors
    .filter(({ name }) => name !== 'h.1.ln_2.bias')
    .map((tensor) => (tensor.name === 'h.0.attn.c_attn.weight' ? { ...tensor, shape: [12, 4] } : tensor))
    .concat([{ name: 'h.2.ln_1.bias', shape: [4], read: () => new Float32Array(4) }]);
  await writeSafetensors(join(dir, 'model.safetensors'), wrong);
  assert.throws(
    () => openCheckpoint(dir, modelFormat),
    (error: Error) => {
      const lines = error.message
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
      assert.deepEqual(lines, [
        'h.0.attn.c_attn.weight is [12,4], expected [4,12]',
        'h.1.ln_2.bias is missing, expected [4]',
        'h.2.ln_1.bias is not expected',
      ]);
      return true;
    },
  );
});

test('reads the variants of other tools: a prefix, causal masks, a repeated head', async () => {
  const dir = await written('habits');
  const prefixed = tensors.map((tensor) => ({ ...tensor, name: `transformer.${tensor.name}` }));
  const extra = [
    { name: 'transformer.h.0.attn.bias', shape: [1, 1, 2, 2], read: () => new Float32Array(4) },
    { name: 'transformer.h.0.attn.masked_bias', shape: [], read: () => new Float32Array(1) },
    { name: 'lm_head.weight', shape: [30, 4], read: () => weights['wte.weight']! },
  ];
  await writeSafetensors(join(dir, 'model.safetensors'), [...prefixed, ...extra]);
  const checkpoint = openCheckpoint(dir, modelFormat);
  assert.deepEqual(checkpoint.read('wte.weight'), weights['wte.weight']);
  checkpoint.close();
});

test('a missing or unknown record is an error that names the file', async () => {
  const dir = await written('foreign');
  writeFileSync(join(dir, 'config.json'), '{"model_type": "llama"}');
  assert.throws(() => openCheckpoint(dir, modelFormat), /config\.json: \/\w+/);
  const other = await written('bare');
  rmSync(join(other, 'training.json'));
  assert.throws(() => openCheckpoint(other, modelFormat), /training\.json is missing/);
});
