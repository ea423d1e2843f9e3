import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { TENSOR_TYPES, type TensorType } from '../../src/artifacts/gguf/tensor-types.ts';
import { openTokens } from '../../src/artifacts/tokens/tokens.ts';
import { NO_SHARED_DATA, sharedData } from '../artifacts/on-disk.ts';
import { openLlamaCpp, withoutLlamaCpp, type LlamaCpp } from '../kit/llama-cpp.ts';
import { runJson, runRunner, writeExport, writePipeline } from '../kit/runner.ts';
import { gpt2Encoding, skipWithoutTensorFlow, temporaryFolder } from '../stages/model-kit.ts';

const skip = withoutLlamaCpp || skipWithoutTensorFlow;
const CONTEXT = 96;
const NEW_TOKENS = 64;
const folder = temporaryFolder();
const runs = join(folder.dir, 'runs');
const stage = (name: string): string => join(runs, 'latest', 'stages', name);

/** Openings of different lengths; some are in the middle of a word, some are nothing that the model has seen. */
const prompts = Array.from(
  { length: 20 },
  (_, i) =>
    ['Mira:', 'Ana: tea', 'Mira: boats rain and\nAna:', 'Ana: the sea a lett', 'Zoë 🦊 said'][i % 5]!.repeat(
      1 + Math.floor(i / 10),
    ) + ' again maybe'.repeat(Math.floor(i / 5) % 2),
);

before(async () => {
  if (skip) return;
  writeExport(join(folder.dir, 'export'), 120);
  const file = writePipeline(join(folder.dir, 'tiny.yaml'), './export', {
    'layers: 1, heads: 2, width: 16, context: 32': `layers: 3, heads: 4, width: 64, context: ${CONTEXT}`,
    'steps: 30': 'steps: 150',
    'prompts: ["Mira:"], maxNewTokens: 8, temperature: 0.8, topK: 20': `prompts: ${JSON.stringify(prompts)}, maxNewTokens: ${NEW_TOKENS}, temperature: 0, stopAtSeparator: false`,
  });
  await runJson([file], runs);
});
after(folder.remove);

async function exported(context: TestContext, type: TensorType): Promise<LlamaCpp> {
  const path = join(folder.dir, type, 'model.gguf');
  if (!existsSync(path)) {
    const { code, stderr } = await runRunner(
      ['export', 'latest/model', dirname(path), '--as', 'gguf', '--type', type],
      runs,
    );
    assert.equal(code, 0, stderr);
  }
  return openLlamaCpp(context, path);
}

const logSum = (row: Float32Array): number => {
  const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
  return largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
};

/** As the evaluate stage: windows that do not overlap, in which every held-out token but the first is predicted. */
function heldOutLoss(llama: LlamaCpp): { loss: number; tokens: number } {
  const reader = openTokens(stage('tokens'));
  const { tokens, read } = reader.split('validation');
  const ids = [...read(0, tokens)];
  reader.close();
  let nats = 0;
  for (let first = 0; first < tokens - 1; first += CONTEXT) {
    const window = ids.slice(first, first + CONTEXT + 1);
    llama.logits(window.slice(0, -1)).forEach((row, i) => (nats += logSum(row) - row[window[i + 1]!]!));
  }
  return { loss: nats / (tokens - 1), tokens: tokens - 1 };
}

const MOST_APART: Record<TensorType, number> = { f32: 0.0005, f16: 0.005, bf16: 0.005, q8_0: 0.02 };

for (const type of TENSOR_TYPES)
  test(`as ${type}, llama.cpp has our loss on held-out text`, { skip }, async (context) => {
    const llama = await exported(context, type);
    const ours = JSON.parse(readFileSync(join(stage('report'), 'report.json'), 'utf8')) as {
      loss: number;
      tokens: number;
    };
    const { loss, tokens } = heldOutLoss(llama);
    context.diagnostic(`${type}: llama.cpp ${loss.toFixed(6)}, ours ${ours.loss.toFixed(6)}, ${tokens} tokens`);
    assert.equal(tokens, ours.tokens);
    assert.ok(ours.loss < 7, 'the model has learned something');
    assert.ok(Math.abs(loss - ours.loss) <= MOST_APART[type], `${loss} and ${ours.loss}`);
  });

test('as f32, llama.cpp writes our 64 most likely tokens after each of 20 prompts', { skip }, async (context) => {
  const llama = await exported(context, 'f32');
  const samples = readFileSync(join(stage('samples'), 'samples.jsonl'), 'utf8')
    .trimEnd()
    .split('\n');
  assert.equal(samples.length, 20);
  let compared = 0;
  for (const line of samples) {
    const { prompt, tokens } = JSON.parse(line) as { prompt: string; tokens: number[] };
    assert.equal(tokens.length, NEW_TOKENS, prompt);
    let row = llama.logits(llama.tokenize(prompt, { begin: true })).at(-1)!;
    for (const [i, expected] of tokens.entries()) {
      const best = row.indexOf(row.reduce((a, b) => Math.max(a, b)));
      if (best !== expected) {
        assert.ok(row[best]! - row[expected]! < 1e-4, `token ${i} after ${JSON.stringify(prompt)}`);
        break; // a tie, after which the texts may differ
      }
      compared++;
      row = llama.next([expected]);
    }
  }
  context.diagnostic(`${compared} of ${20 * NEW_TOKENS} tokens are the same`);
  assert.ok(compared > 10 * NEW_TOKENS);
});

test(
  'llama.cpp reads text as the same tokens; a prompt begins after the separator, and a line ends a turn',
  { skip },
  async (context) => {
    const llama = await exported(context, 'q8_0');
    const { encode } = gpt2Encoding();
    for (const text of [
      'Ann Lee: yo\n',
      "it's  fine…\n\n\tZoë 👩‍💻: ½ x² ٣\r\n",
      '<|endoftext|>',
      '   ',
      '\u0000\u{10ffff}',
    ])
      assert.deepEqual(llama.tokenize(text), encode(text), JSON.stringify(text));
    assert.deepEqual(llama.tokenize('Ann:', { begin: true }), [50256, ...encode('Ann:')]);
    assert.deepEqual(llama.tokenize('<|endoftext|>', { special: true }), [50256]);
    assert.deepEqual(
      [198, 50256, 13, 628].map((id) => llama.ends(id)),
      [true, true, false, false],
    );
  },
);

const golden = sharedData('r50k-golden/TestPlans.txt');
test(
  "llama.cpp's tokens are those of the published examples",
  { skip: skip || (golden ? false : NO_SHARED_DATA) },
  async (context) => {
    const llama = await exported(context, 'q8_0');
    const blocks = readFileSync(golden!, 'utf8').matchAll(
      /^EncodingName: r50k_base\nSample: ([^]*?)\nEncoded: \[(.*)\]$/gm,
    );
    let examples = 0;
    for (const [, text, ids] of blocks) {
      examples++;
      assert.deepEqual(llama.tokenize(text!), ids === '' ? [] : ids!.split(', ').map(Number), text!.slice(0, 80));
    }
    assert.equal(examples, 64);
  },
);
