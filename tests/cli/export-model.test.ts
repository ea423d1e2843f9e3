import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openSafetensors } from '../../src/artifacts/checkpoint/safetensors.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { finishedRun } from '../kit/finished-run.ts';
import { readGguf } from '../kit/read-gguf.ts';
import { readModelfile } from '../kit/ollama.ts';
import { makeRun } from '../kit/run-folder.ts';
import { runRunner } from '../kit/runner.ts';
import { temporaryDir } from '../kit/temporary.ts';
import { writeModel } from '../kit/write-model.ts';

const RUN = '20260102-120000-p-aaaa';
const NAME = 'p-aaaa';

interface Seen {
  code: number | null;
  output: string;
  stdout: string;
}

function exporting(dir: string, runs: string) {
  return async (...args: string[]): Promise<Seen> => {
    const { code, stdout, stderr } = await runRunner(['export', ...args], runs);
    return { code, stdout, output: (stdout + stderr).replaceAll(dir, 'DIR') };
  };
}

/** A run with models of random weights that were never trained, and a stage that failed. */
async function madeRun(context: TestContext, models: Record<string, { vocabularySize?: number; width?: number }>) {
  const dir = temporaryDir(context);
  const runs = join(dir, 'runs');
  const run = makeRun(runs, {
    run: RUN,
    results: [
      { name: 'tokens', kind: 'tokenize', artifact: null, outcome: 'failed' },
      ...Object.keys(models).map((name) => ({ name, kind: 'train' })),
      { name: 'late', kind: 'train', artifact: null, outcome: 'failed' as const },
    ],
  });
  for (const [name, { vocabularySize = 50257, width = 32 }] of Object.entries(models)) {
    const model = { vocabularySize, width, context: 8, layers: 1, heads: 2 };
    const layout = layoutOf(model);
    const tensors = Object.entries(layout.weightShapes).map(([weight, shape]) => ({
      name: weight,
      shape,
      read: () => layout.initialWeight(weight, 1),
    }));
    const training = {
      version: 1 as const,
      step: 3,
      seed: 1,
      init: { kind: 'random' as const, seed: 1 },
      validationLoss: null,
    };
    for (const which of ['final', 'best'])
      await writeModel(join(run, 'stages', name, which), { model, training, tensors });
  }
  return { dir, run, out: join(dir, 'out'), see: exporting(dir, runs) };
}

test('a trained model becomes a GGUF file and a Modelfile', async (context) => {
  const { dir, runs, first } = await finishedRun(context);
  const out = join(dir, 'out', 'My Chat');
  const see = exporting(dir, runs);
  const { code, stdout, output } = await see('latest', out, '--as', 'gguf');
  assert.equal(code, 0, output);
  assert.equal(
    stdout.replaceAll(dir, 'DIR'),
    `model of ${first.run.slice(16)}  best weights, after step 30, as f16

  Modelfile   431 B
  model.gguf  3.4 MB

chat:  user is Mira, assistant is Ana
note  of 3 people, the chat format has the two who share most conversations

files: DIR/out/My Chat
next:  llama-cli -m 'DIR/out/My Chat/model.gguf', or: ollama create my-chat -f 'DIR/out/My Chat/Modelfile' && ollama run my-chat
`,
  );
  const { metadata, tensors } = readGguf(join(out, 'model.gguf'));
  const { 'tokenizer.ggml.tokens': tokens, 'tokenizer.chat_template': template, ...rest } = metadata;
  assert.equal((tokens as string[]).length, 50257);
  assert.match(
    template as string,
    /"Mira: " \+ text \+ "\\n"[^]*"Ana: " \+ text[^]*add_generation_prompt -%\}\{\{- "Ana:" -\}\}/,
  );
  const kept = Object.entries(rest).filter(([, value]) => !Array.isArray(value));
  assert.deepEqual(Object.fromEntries(kept), {
    'general.architecture': 'gpt2',
    'general.type': 'model',
    'general.name': 'gpt2 808K trained by chat-runner',
    'general.size_label': '808K',
    'general.file_type': 1,
    'general.quantization_version': 2,
    'gpt2.context_length': 32,
    'gpt2.embedding_length': 16,
    'gpt2.block_count': 1,
    'gpt2.feed_forward_length': 64,
    'gpt2.attention.head_count': 2,
    'gpt2.attention.layer_norm_epsilon': Math.fround(1e-5),
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.bos_token_id': 50256,
    'tokenizer.ggml.eos_token_id': 50256,
    'tokenizer.ggml.eot_token_id': 198,
    'tokenizer.ggml.add_bos_token': true,
  });
  assert.equal(readModelfile(readFileSync(join(out, 'Modelfile'), 'utf8')).parameters['num_ctx'], '32');
  assert.deepEqual(
    Object.entries(tensors).map(([name, { shape, type }]) => `${name} ${shape.join('x')} ${type}`),
    [
      'token_embd.weight 16x50257 1',
      'position_embd.weight 16x32 0',
      'blk.0.attn_norm.weight 16 0',
      'blk.0.attn_norm.bias 16 0',
      'blk.0.attn_qkv.weight 16x48 1',
      'blk.0.attn_qkv.bias 48 0',
      'blk.0.attn_output.weight 16x16 1',
      'blk.0.attn_output.bias 16 0',
      'blk.0.ffn_norm.weight 16 0',
      'blk.0.ffn_norm.bias 16 0',
      'blk.0.ffn_up.weight 16x64 1',
      'blk.0.ffn_up.bias 64 0',
      'blk.0.ffn_down.weight 64x16 1',
      'blk.0.ffn_down.bias 16 0',
      'output_norm.weight 16 0',
      'output_norm.bias 16 0',
    ],
  );

  const exact = join(dir, 'exact');
  mkdirSync(exact); // an empty folder may exist
  const json = JSON.parse(
    (await see('latest/model', exact, '--as', 'gguf', '--type', 'f32', '--json')).stdout,
  ) as object;
  assert.deepEqual(json, {
    run: first.run,
    stage: 'model',
    dir: exact,
    as: 'gguf',
    type: 'f32',
    weights: 'best',
    step: 30,
    people: { user: 'Mira', assistant: 'Ana' },
    notes: ['of 3 people, the chat format has the two who share most conversations'],
    files: [
      { file: 'Modelfile', bytes: 431 },
      { file: 'model.gguf', bytes: readFileSync(join(exact, 'model.gguf')).length },
    ],
  });
  const up = readGguf(join(exact, 'model.gguf')).tensors['blk.0.ffn_up.weight']!;
  const weights = openSafetensors(join(first.dir, 'stages', 'model', 'best', 'model.safetensors'));
  const published = weights.read('h.0.mlp.c_fc.weight'); // [16, 64]
  weights.close();
  for (const [i, o] of [
    [0, 0],
    [3, 1],
    [15, 63],
  ] as const)
    assert.equal(up.data.readFloatLE(4 * (16 * o + i)), published[64 * i + o]);
});

test("a Hugging Face folder has the model's files and a card without names or text", async (context) => {
  const { dir, runs, first } = await finishedRun(context);
  const out = join(dir, 'hf');
  const { code, output } = await exporting(dir, runs)('latest', 'model', out, '--as', 'huggingface');
  assert.equal(code, 0, output);
  const from = join(first.dir, 'stages', 'model', 'best');
  assert.deepEqual(readdirSync(out).sort(), [...readdirSync(from), 'README.md'].sort());
  for (const name of readdirSync(from))
    assert.ok(readFileSync(join(out, name)).equals(readFileSync(join(from, name))), name);
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  assert.doesNotMatch(card, /Mira|Ana\b|\bBo\b|boats|tea\b|tiny|export|\/tmp|messenger/);
  assert.match(card, /^---\nlibrary_name: transformers\n/);
  assert.match(
    card,
    /Chats of 3 people[^]*\| train \| 1 \| [\d,]+ \| 7,120 \|\n\| validation \| 1 \| [\d,]+ \| 7,000 \|\n/,
  );
  assert.match(card, /\| 0 \| 10\.8\d+ \| first \|\n\| 30 \| \d\.\d{4} \| lowest, last, these weights \|/);
  assert.match(card, /steps: 30\nbatchSize: 2\n/);
  assert.match(card, /This card names no license/);
});

test('the card names the published start, and no param that could hold a name', async (context) => {
  const { dir, runs, first } = await finishedRun(context);
  const pipeline = join(first.dir, 'pipeline.yaml');
  const text = readFileSync(pipeline, 'utf8');
  writeFileSync(
    pipeline,
    text.replace(
      /( +)init:\n +kind: scratch\n/,
      '$1init: { kind: published, name: 355M }\n$1learn: { classes: [text], speakers: [Mira] }\n',
    ),
  );
  const out = join(dir, 'hf');
  assert.equal((await exporting(dir, runs)('latest', out, '--as', 'huggingface')).code, 0);
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  assert.match(
    card,
    /\nbase_model: openai-community\/gpt2-medium\n[^]*trained from GPT-2 355M[^]*OpenAI published under a modified MIT license/,
  );
  assert.doesNotMatch(card, /Mira|speakers/);
});

test('a run without its tokens is exported without a chat format, which is said', async (context) => {
  const { out, see } = await madeRun(context, { model: {} });
  const { code, output } = await see('latest', out, '--as', 'gguf', '--type', 'q8_0');
  assert.equal(code, 0, output);
  assert.match(output, /note {2}the tokens of this run have no line template, so there is no chat format/);
  const { metadata } = readGguf(join(out, 'model.gguf'));
  assert.deepEqual(
    ['tokenizer.chat_template', 'tokenizer.ggml.eot_token_id', 'tokenizer.ggml.add_bos_token', 'general.file_type'].map(
      (key) => metadata[key],
    ),
    [undefined, undefined, true, 7],
  );
  assert.equal(readModelfile(readFileSync(join(out, 'Modelfile'), 'utf8')).template, '{{ .Prompt }}');
});

test('rows of the embedding beyond the tokens are kept as unused tokens; fewer rows are refused', async (context) => {
  const { out, see } = await madeRun(context, { padded: { vocabularySize: 50304 }, few: { vocabularySize: 300 } });
  assert.equal((await see(`${NAME}/padded`, out, '--as', 'gguf')).code, 0);
  const { metadata, tensors } = readGguf(join(out, 'model.gguf'));
  assert.equal((metadata['tokenizer.ggml.tokens'] as string[]).at(-1), '[unused50303]');
  assert.deepEqual(tensors['token_embd.weight']!.shape, [32, 50304]);
  assert.deepEqual(await see(`${NAME}/few`, `${out}2`, '--as', 'gguf'), {
    code: 2,
    stdout: '',
    output:
      'error cannot write this model as a GGUF file of f16: the model has embeddings for 300 token ids, but its tokenizer has 50257 tokens\n',
  });
  assert.ok(!existsSync(`${out}2`));
});

test('wrong arguments are refused, and nothing is written', async (context) => {
  const { dir, run, out, see } = await madeRun(context, { model: { width: 20 }, other: {} });
  const wrong = async (...args: string[]): Promise<string> => {
    const { code, output, stdout } = await see(...args);
    assert.deepEqual([code, stdout], [2, ''], output);
    return output;
  };
  const as = ['--as', 'gguf'];
  assert.equal(
    await wrong('latest', out, ...as),
    `error run ${NAME} has 2 trained models: model, other; name one: ${NAME}/model\n`,
  );
  assert.equal(
    await wrong('latest/tokens', out, ...as),
    `error stage "tokens" of run ${NAME} trained no model; stages with a model: model, other\n`,
  );
  assert.equal(
    await wrong('latest', 'late', out, ...as),
    `error stage "late" of run ${NAME} has not finished its training; stages with a model: model, other\n`,
  );
  assert.equal(
    await wrong('latest/modle', out, ...as),
    `error run ${NAME} has no stage "modle"; did you mean "model"?\n`,
  );
  assert.equal(
    await wrong('latest/model', 'model', out, ...as),
    'error "latest/model" already names a stage; remove "model"\n',
  );
  assert.equal(
    await wrong('latest', 'model', ...as),
    'error DIR is missing, since "model" is a stage of that run: ./runner export latest/model DIR --as gguf (to write to a folder of that name, use ./model)\n',
  );
  assert.equal(
    await wrong('latest/model', out, ...as, '--type', 'q8_0'),
    "error q8_0 stores 32 numbers together, but this model's width of 20 is not a multiple of 32; use --type f16\n",
  );
  assert.equal(
    await wrong('latest/model', out, ...as, '--type', 'f61'),
    'error --type takes f32, f16, bf16 or q8_0, not "f61"; did you mean "f16"?\n',
  );
  assert.equal(
    await wrong('latest/model', out, '--as', 'huggingface', '--type', 'f32'),
    'error --type is for --as gguf\n',
  );
  assert.match(
    await wrong('latest/model', join(run, 'stages', 'model', 'x'), ...as),
    /is inside a stage's result, which must not change/,
  );
  mkdirSync(join(dir, 'full'));
  writeFileSync(join(dir, 'full', 'mine'), '');
  assert.equal(
    await wrong('latest/model', join(dir, 'full'), ...as),
    'error DIR/full is not empty; nothing was written: empty it or choose another folder\n',
  );
  assert.deepEqual(readdirSync(dir).sort(), ['full', 'runs']);
});

test('a run without a trained model is refused, whether its training failed or it has none', async (context) => {
  const failed = await madeRun(context, {});
  assert.equal(
    (await failed.see('latest', failed.out, '--as', 'gguf')).output,
    `error run ${NAME} has no trained model: late did not finish. Run the pipeline again; it continues where it stopped\n`,
  );
  const dir = temporaryDir(context);
  makeRun(join(dir, 'runs'), { run: RUN, samples: [{ prompt: 'a', text: 'b' }] });
  assert.equal(
    (await exporting(dir, join(dir, 'runs'))('latest', join(dir, 'out'), '--as', 'huggingface')).output,
    `error run ${NAME} has no trained model; train stages make them\n`,
  );
});

test('damaged weights and a disk that fails give one line, and nothing is left', async (context) => {
  const { dir, run, out, see } = await madeRun(context, { model: {} });
  writeFileSync(join(dir, 'file'), '');
  assert.deepEqual(await see('latest', join(dir, 'file', 'out'), '--as', 'gguf'), {
    code: 1,
    stdout: '',
    output: "error cannot write DIR/file/out: ENOTDIR: not a directory, mkdir 'DIR/file/out'\n",
  });
  const weights = join(run, 'stages', 'model', 'best', 'model.safetensors');
  truncateSync(weights, 5000);
  const { code, output } = await see('latest', out, '--as', 'gguf');
  assert.equal(code, 1);
  assert.match(
    output,
    /^error DIR\/runs\/.*\/best\/model\.safetensors is cut off: its tensors need [^\n]*\n {2}hint: \.\/runner verify --repair/,
  );
  rmSync(join(dir, 'file'));
  assert.deepEqual(readdirSync(dir), ['runs']);
});
