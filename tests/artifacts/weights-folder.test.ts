import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeSafetensors, type TensorSource } from '../../src/artifacts/checkpoint/safetensors.ts';
import { weightFiles } from '../../src/artifacts/given-weights/weight-files.ts';
import { openWeightsFolder } from '../../src/artifacts/given-weights/weights-folder.ts';
import { modelFormat } from '../../src/lm/model/layouts.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { openAiTensors, writeOpenAiFolder, writeTensorFlowCheckpoint } from '../kit/tensorflow-checkpoint.ts';
import { NO_SHARED_DATA, sharedData, tempDir, writeFiles } from './on-disk.ts';

const toy = sharedData('toy-tf-checkpoint');
const model = { vocabularySize: 30, context: 6, layers: 2, heads: 2, width: 8 };
const weights = initialWeights(model, 4);
const config = {
  model_type: 'gpt2',
  vocab_size: 30,
  n_positions: 6,
  n_embd: 8,
  n_layer: 2,
  n_head: 2,
  activation_function: 'gelu_new',
  layer_norm_epsilon: 1e-5,
  n_inner: null,
  attn_pdrop: 0.1,
};
const tensors = (prefix = ''): TensorSource[] =>
  Object.entries(weightShapes(model)).map(([name, shape]) => ({
    name: prefix + name,
    shape,
    read: () => weights[name]!,
  }));
const extra = (name: string, shape: number[], values: Float32Array): TensorSource => ({
  name,
  shape,
  read: () => values,
});

function assertIsModel(dir: string): void {
  const folder = openWeightsFolder(dir, modelFormat);
  assert.deepEqual(folder.model, model);
  for (const name of Object.keys(weightShapes(model))) assert.deepEqual(folder.read(name), weights[name], name);
  folder.close();
}

test(
  "OpenAI's form: the toy checkpoint's hparams and tensors, the leading 1 of matrices dropped",
  { skip: toy ? false : NO_SHARED_DATA },
  () => {
    const folder = openWeightsFolder(toy!, modelFormat);
    assert.deepEqual(folder.model, { vocabularySize: 356, context: 20, layers: 3, heads: 5, width: 15 });
    assert.equal(folder.form, 'a TensorFlow checkpoint');
    assert.equal(folder.read('h.2.mlp.c_fc.weight').length, 15 * 60);
    assert.deepEqual([...folder.read('ln_f.weight')], Array(15).fill(1));
    // wte is the last tensor in the data file, because they are in the order of their names.
    const data = readFileSync(join(toy!, 'model.ckpt.data-00000-of-00001'));
    assert.equal(folder.read('wte.weight').at(-1), data.readFloatLE(data.length - 4));
    folder.close();
    assert.deepEqual(weightFiles(toy!), ['hparams.json', 'model.ckpt.data-00000-of-00001', 'model.ckpt.index']);
  },
);

test("OpenAI's format: skips moments of an optimizer, accepts a moved folder and a step in the name, refuses two checkpoints", (t) => {
  const dir = tempDir(t);
  writeOpenAiFolder(dir, model, (name) => weights[name]!);
  assertIsModel(dir);
  const moments = ['model/wte/Adam', 'model/h0/attn/c_attn/w/Adam_1', 'beta1_power', 'global_step'].map((name) => ({
    name,
    shape: [1],
    values: () => new Float32Array(1),
  }));
  writeTensorFlowCheckpoint(join(dir, 'model.ckpt'), [...openAiTensors(model, (name) => weights[name]!), ...moments]);
  assertIsModel(dir);
  for (const ending of ['index', 'data-00000-of-00001'])
    renameSync(join(dir, `model.ckpt.${ending}`), join(dir, `model-1250.${ending}`));
  writeFileSync(join(dir, 'checkpoint'), 'model_checkpoint_path: "/content/gpt-2/checkpoint/run1/model-1250"\n');
  writeFileSync(join(dir, 'model-1000.index'), '');
  assertIsModel(dir);
  rmSync(join(dir, 'checkpoint'));
  assert.throws(() => weightFiles(dir), /has 2 checkpoints \(model-1000, model-1250\)/);
});

test("Hugging Face's format: with and without prefix, with masks and a repeated head, in one or more files", async (t) => {
  const dir = tempDir(t);
  writeFiles(dir, { 'config.json': config, 'README.md': 'not read', 'pytorch_model.bin': 'not read' });
  const path = join(dir, 'model.safetensors');
  await writeSafetensors(path, tensors());
  assertIsModel(dir);
  assert.deepEqual(weightFiles(dir), ['config.json', 'model.safetensors']);
  const mask = new Float32Array(36);
  await writeSafetensors(path, [
    ...tensors('transformer.'),
    extra('transformer.h.0.attn.bias', [1, 1, 6, 6], mask),
    extra('transformer.h.1.attn.masked_bias', [], new Float32Array(1)),
    extra('lm_head.weight', [30, 8], weights['wte.weight']!),
  ]);
  assertIsModel(dir);

  rmSync(path);
  const [first, ...rest] = tensors();
  await writeSafetensors(join(dir, 'model-00001-of-00002.safetensors'), [first!]);
  await writeSafetensors(join(dir, 'model-00002-of-00002.safetensors'), rest);
  writeFiles(dir, {
    'model.safetensors.index.json': {
      weight_map: {
        'wte.weight': 'model-00001-of-00002.safetensors',
        'wpe.weight': 'model-00002-of-00002.safetensors',
      },
    },
  });
  assertIsModel(dir);
  assert.deepEqual(weightFiles(dir), [
    'config.json',
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
    'model.safetensors.index.json',
  ]);
});

test('reads what training loops save: prefixes of wrappers, padded rows, float64, a config without model_type', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'model.safetensors');
  writeFiles(dir, { 'config.json': config });
  for (const prefix of [
    '_orig_mod.',
    'module.',
    'module._orig_mod.transformer.',
    '_orig_mod.module.',
    'model.transformer.',
  ]) {
    await writeSafetensors(path, tensors(prefix));
    assertIsModel(dir);
  }
  // compiled or wrapped block by block
  await writeSafetensors(
    path,
    tensors('transformer.').map((tensor) => ({
      ...tensor,
      name: tensor.name.replace(/\.h\.(\d+)\./, '.h.$1._fsdp_wrapped_module._orig_mod.'),
    })),
  );
  assertIsModel(dir);
  await writeSafetensors(path, [...tensors(), extra('module.ln_f.bias', [8], weights['ln_f.bias']!)]);
  assert.throws(
    () => openWeightsFolder(dir, modelFormat),
    /ln_f\.bias is there twice, the second time as module\.ln_f\.bias/,
  );

  const padded = new Float32Array(32 * 8).fill(7);
  padded.set(weights['wte.weight']!);
  const body = tensors().filter(({ name }) => name !== 'wte.weight');
  await writeSafetensors(path, [...body, extra('wte.weight', [32, 8], padded)]);
  assertIsModel(dir);
  await writeSafetensors(path, [
    ...body,
    extra('wte.weight', [32, 8], padded),
    extra('lm_head.weight', [30, 8], weights['wte.weight']!),
  ]);
  assertIsModel(dir);
  await writeSafetensors(path, [...body, extra('lm_head.weight', [30, 8], weights['wte.weight']!)]);
  assertIsModel(dir);

  await writeSafetensors(path, tensors());
  writeFileSync(path, withDoubles(readFileSync(path)));
  assertIsModel(dir);
  const { model_type: _, ...untyped } = config;
  writeFiles(dir, { 'config.json': untyped });
  assertIsModel(dir);
});

/** The same safetensors file with every number in 64 bits. */
function withDoubles(file: Buffer): Buffer {
  const end = 8 + Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString('utf8', 8, end)) as Record<string, { dtype: string; data_offsets: number[] }>;
  for (const [name, entry] of Object.entries(header))
    if (name !== '__metadata__')
      Object.assign(entry, { dtype: 'F64', data_offsets: entry.data_offsets.map((offset) => 2 * offset) });
  const values = new Float32Array(file.buffer.slice(file.byteOffset + end, file.byteOffset + file.length));
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.from(Float64Array.from(values).buffer)]);
}

test('finds the checkpoint that a file of Windows names, whatever its line ends and quotes', (t) => {
  const dir = tempDir(t);
  writeOpenAiFolder(dir, model, (name) => weights[name]!);
  for (const ending of ['index', 'data-00000-of-00001'])
    renameSync(join(dir, `model.ckpt.${ending}`), join(dir, `model-1250.${ending}`));
  writeFileSync(join(dir, 'model-1000.index'), '');
  for (const text of [
    'model_checkpoint_path: "C:\\\\gpt-2\\\\checkpoint\\\\run1\\\\model-1250"\r\nall_model_checkpoint_paths: "x"\r\n',
    'model_checkpoint_path: "checkpoint\\run1\\model-1250"\n',
    "model_checkpoint_path: 'C:/run1/model-1250'\n",
  ]) {
    writeFileSync(join(dir, 'checkpoint'), text);
    assertIsModel(dir);
  }
});

test('a broken or absurd config is refused at once, with the name of the file', async (t) => {
  const dir = tempDir(t);
  const open = (): void => openWeightsFolder(dir, modelFormat).close();
  await writeSafetensors(join(dir, 'model.safetensors'), tensors());
  for (const field of ['n_layer', 'n_head', 'n_embd', 'n_positions', 'vocab_size'])
    for (const value of [2_000_000_000, 1e300, 0, 1.5, '2', null]) {
      writeFiles(dir, { 'config.json': { ...config, [field]: value } });
      assert.throws(open, new RegExp(`config\\.json: /${field}: `));
    }
  for (const text of ['{"n_layer": 2', '', 'null', '[]', '<html>']) {
    writeFileSync(join(dir, 'config.json'), text);
    assert.throws(open, /config\.json(:| is not valid JSON| does not contain a JSON object)/, text);
  }
  writeFiles(dir, { 'config.json': { ...config, n_layer: 1024 } });
  assert.throws(open, (error: Error) => error.message.split('\n').length < 50 && /… and \d+ more$/.test(error.message));
  rmSync(join(dir, 'config.json'));
  const hparams = { n_vocab: 30, n_ctx: 6, n_embd: 8, n_head: 2, n_layer: 2 };
  for (const text of ['{', 'null', JSON.stringify({ ...hparams, n_layer: 2_000_000_000 })]) {
    writeFileSync(join(dir, 'hparams.json'), text);
    assert.throws(open, /hparams\.json(:| is not valid JSON| does not contain a JSON object)/, text);
  }
  rmSync(join(dir, 'model.safetensors'));
  for (const text of ['{', 'null', '{"weight_map": {"a": 3}}']) {
    writeFileSync(join(dir, 'model.safetensors.index.json'), text);
    assert.throws(open, text.includes('3') ? /ENOENT/ : /model\.safetensors\.index\.json/, text);
  }
});

test('refuses unsupported weights with the reason', async (t) => {
  const dir = tempDir(t);
  const path = join(dir, 'model.safetensors');
  const open = (): void => openWeightsFolder(dir, modelFormat).close();
  const untied = weights['wte.weight']!.slice();
  untied[7]! += 1;
  writeFiles(dir, { 'config.json': config });
  await writeSafetensors(path, [...tensors(), extra('lm_head.weight', [30, 8], untied)]);
  assert.throws(
    open,
    /lm_head\.weight is not wte\.weight \(1 of 240 numbers differ\): this model has an untied output head/,
  );

  await writeSafetensors(path, [
    ...tensors().filter(({ name }) => name !== 'h.1.ln_2.bias'),
    extra('h.0.lora.weight', [1], new Float32Array(1)),
  ]);
  assert.throws(open, (error: Error) => {
    assert.equal(
      error.message,
      `${path} does not match the model in 2 of 28 tensors:\n  h.1.ln_2.bias is missing, expected [8]\n  h.0.lora.weight is not expected`,
    );
    return true;
  });

  await writeSafetensors(path, tensors());
  for (const [change, message] of [
    [{ vocab_size: 50257 }, /wte\.weight is \[30,8\], expected \[50257,8\]/],
    [{ activation_function: 'gelu' }, /config\.json: activation_function is "gelu"/],
    [{ layer_norm_epsilon: 1e-6 }, /layer_norm_epsilon is 0\.000001/],
    [{ n_inner: 16 }, /n_inner is 16, but only 32 is supported/],
    [{ model_type: 'llama' }, /model_type/],
  ] as const) {
    writeFiles(dir, { 'config.json': { ...config, ...change } });
    assert.throws(open, message);
  }
  for (const file of ['config.json', 'hparams.json'] as const) {
    rmSync(join(dir, 'config.json'), { force: true });
    for (const text of ['', '{"n_layer": 2', 'private words', 'null', '[]', '\0']) {
      writeFileSync(join(dir, file), text);
      assert.throws(
        open,
        ({ message }: Error) => message.includes(`${join(dir, file)} `) && !message.includes('private'),
        text,
      );
    }
    rmSync(join(dir, file));
  }
  assert.throws(
    open,
    /neither config\.json nor hparams\.json, so the number of heads of its 2 layers of width 8 is unknown/,
  );
  writeFiles(dir, { 'config.json': config });

  const broken = weights['wpe.weight']!.slice();
  broken[3] = NaN;
  await writeSafetensors(
    path,
    tensors().map((tensor) => (tensor.name === 'wpe.weight' ? extra('wpe.weight', tensor.shape, broken) : tensor)),
  );
  const folder = openWeightsFolder(dir, modelFormat);
  assert.throws(
    () => folder.read('wpe.weight'),
    /model\.safetensors: wpe\.weight is damaged: it contains numbers that are not finite/,
  );
  folder.close();
  truncateSync(path, 3000);
  assert.throws(open, /model\.safetensors is cut off/);
  writeFileSync(path, '<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>');
  assert.throws(open, /is not a safetensors file/);
});

test('refuses a pickle, with a way to convert it, an empty folder, and a file', (t) => {
  const dir = tempDir(t);
  assert.throws(() => weightFiles(dir), /has no GPT-2 weights: neither model\.safetensors nor a TensorFlow checkpoint/);
  writeFileSync(join(dir, 'pytorch_model.bin'), '');
  assert.throws(
    () => weightFiles(dir),
    /pytorch_model\.bin is a Python pickle[^]*from_pretrained\('FOLDER'\)\.save_pretrained\('NEW_FOLDER'\)/,
  );
  assert.throws(() => weightFiles(join(dir, 'pytorch_model.bin')), /is a file: give the folder/);
});
