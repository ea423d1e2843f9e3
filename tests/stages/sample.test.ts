import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeWeights } from '../kit/write-model.ts';
import { engineChoice, openEngine } from '../../src/engine/open-engine.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { openTfjsEngine } from '../../src/engine/tfjs/tfjs-engine.ts';
import { forward } from '../../src/lm/model/forward.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { initialWeights } from '../../src/lm/model/gpt2/initial-weights.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { contract as sample } from '../../stages/sample/contract.ts';
import { cachedReader, cacheLengths } from '../../src/generation/cached-reader.ts';
import { generate } from '../../src/lm/generation/generate.ts';
import { addToken, newText } from '../../src/lm/generation/text-so-far.ts';
import { digestsOf, gpt2Encoding, runStage, skipWithoutTensorFlow, temporaryFolder } from './model-kit.ts';

const folder = temporaryFolder();
const model = { vocabularySize: 50257, context: 24, layers: 2, heads: 2, width: 8 };
const inputs = { checkpoint: join(folder.dir, 'checkpoint') };
const WORDS = ['Hello', ' there', ',', ' Ann', ':', ' yes', ' no', '\n', ' fine'].flatMap((word) =>
  gpt2Encoding().encode(word),
);

interface Line {
  prompt: string;
  text: string;
  tokens: number[];
  seed: number;
  stopped: string;
  settings: Record<string, unknown>;
}

/** Random weights that prefer a few words, so that texts consist of short words and sometimes end. */
function speakingWeights(config: ModelConfig): Record<string, Float32Array> {
  const weights = initialWeights(config, 5);
  for (const [name, values] of Object.entries(weights))
    if (!name.includes('ln_')) values.forEach((value, i) => (values[i] = (name === 'wpe.weight' ? 150 : 12) * value));
  // The first channel is one for all positions and prefers the few words; the others distinguish positions and words.
  weights['ln_f.bias']![0] = 10;
  weights['ln_f.weight']!.fill(3).fill(0, 0, 1);
  const width = config.width;
  for (let id = 0; id < config.vocabularySize; id++)
    weights['wte.weight']![id * width] = WORDS.includes(id) ? 1.3 : id === 50256 ? 1.25 : 0;
  return weights;
}

before(async () => {
  const weights = speakingWeights(model);
  for (const part of ['best', 'final'])
    await writeWeights(join(inputs.checkpoint, part), { model, weights, step: 7, seed: 5 });
});
after(folder.remove);

async function run(name: string, params: object): Promise<{ lines: Line[]; outDir: string }> {
  const { outDir } = await runStage(sample, {
    dir: join(folder.dir, name),
    inputs,
    params: { engine: 'tfjs', ...params },
  });
  const lines = readFileSync(join(outDir, 'samples.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  return { lines, outDir };
}

/** The most likely tokens of the full forward pass after the prompt and after each new token but the last. */
async function likeliestAfter(
  config: ModelConfig,
  weights: Record<string, Float32Array>,
  promptIds: number[],
  newIds: number[],
): Promise<number[]> {
  const engine = await openTfjsEngine();
  const variables = Object.fromEntries(
    Object.entries(weightShapes(config)).map(([name, shape]) => [name, engine.variable(name, shape, weights[name]!)]),
  );
  const ids = [...promptIds, ...newIds.slice(0, -1)];
  const whole = engine.compile(
    'whole',
    { inputs: { tokens: { shape: [1, ids.length], dtype: 'int32' } }, variables },
    (given, all) => {
      return {
        outputs: {
          logits: modelOf(config).logits(all, forward(modelOf(config), all, { tokens_BT: given['tokens']! })),
        },
      };
    },
  );
  const { logits: rows } = await whole.call({ tokens: Int32Array.from(ids) });
  engine.close();
  return newIds.map((_, i) => {
    const row = rows!.subarray((promptIds.length - 1 + i) * 50257, (promptIds.length + i) * 50257);
    return row.indexOf(row.reduce((most, value) => Math.max(most, value)));
  });
}

test('stores all texts in order, with seed and settings', async () => {
  const { lines, outDir } = await run('all', {
    prompts: ['Hello', '', 'Ann: yes'],
    samplesPerPrompt: 2,
    maxNewTokens: 5,
    temperature: 0.9,
    topK: 12,
    seed: 40,
  });
  assert.deepEqual(
    lines.map(({ prompt, seed }) => [prompt, seed]),
    [
      ['Hello', 40],
      ['Hello', 41],
      ['', 40],
      ['', 41],
      ['Ann: yes', 40],
      ['Ann: yes', 41],
    ],
  );
  for (const { text, tokens, stopped, settings } of lines) {
    assert.ok(tokens.length >= 1 && tokens.length <= 5);
    assert.equal(tokens.at(-1) === 50256, stopped === 'separator');
    assert.ok(stopped === 'separator' || (stopped === 'length' && tokens.length === 5));
    assert.equal(
      text,
      gpt2Encoding()
        .decode(tokens)
        .replace(/\uFFFD+$/, ''),
    );
    assert.deepEqual(settings, {
      temperature: 0.9,
      topK: 12,
      topP: 1,
      topPRule: 'keep-crossing',
      repetitionPenalty: 1,
      maxNewTokens: 5,
      startAtSeparator: true,
      stopAtSeparator: true,
      stop: [],
      overflow: 'stop',
      weights: 'best',
      step: 7,
    });
  }
  assert.ok(new Set(lines.map(({ tokens }) => tokens.join())).size > 3, 'texts differ');
  assert.match(readFileSync(join(outDir, 'samples.md'), 'utf8'), /all 6 of them, none picked/);
});

test('a text depends on its prompt, its seed and the settings, not on the other texts', async () => {
  const settings = { maxNewTokens: 6, temperature: 1, topK: 20 };
  const many = await run('many', {
    prompts: ['Hello', 'Ann: yes, fine', ''],
    samplesPerPrompt: 7,
    seed: 3,
    ...settings,
  });
  const one = await run('one', { prompts: ['Ann: yes, fine'], seed: 8, ...settings });
  const beside = many.lines.find(({ prompt, seed }) => prompt === 'Ann: yes, fine' && seed === 8)!;
  assert.deepEqual(one.lines, [beside]);
  // The last of 21 texts, in a row that another text used before.
  const late = await run('late', { prompts: [''], seed: 9, ...settings });
  assert.deepEqual(late.lines, [many.lines.at(-1)]);
});

test('greedy texts match the most likely tokens of the full forward pass', async () => {
  const { lines } = await run('greedy', {
    prompts: ['Hello there', ''],
    maxNewTokens: 8,
    temperature: 0,
    stopAtSeparator: false,
  });
  const weights = speakingWeights(model);
  for (const { prompt, tokens } of lines)
    assert.deepEqual(tokens, await likeliestAfter(model, weights, [50256, ...gpt2Encoding().encode(prompt)], tokens));
  assert.ok(new Set(lines.flatMap(({ tokens }) => tokens)).size > 2);
});

test('long prompts read in one pass give the texts of the full forward pass', async () => {
  const long = { ...model, context: 120 };
  const weights = speakingWeights(long);
  const checkpoint = join(folder.dir, 'long');
  await writeWeights(join(checkpoint, 'best'), { model: long, weights, step: 7, seed: 5 });
  // 66, 70 and 101 tokens, padded to 120, the context; and 10, read one token at a time.
  const prompts = [65, 69, 100, 9].map((count) =>
    ' there Ann yes'
      .repeat(40)
      .split(' ')
      .slice(1, count + 1)
      .map((word) => ` ${word}`)
      .join(''),
  );
  const given = {
    dir: join(folder.dir, 'long-run'),
    inputs: { checkpoint },
    params: { engine: 'tfjs', prompts, samplesPerPrompt: 2, maxNewTokens: 4, temperature: 0, stopAtSeparator: false },
  };
  const { outDir } = await runStage(sample, given);
  const lines = readFileSync(join(outDir, 'samples.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const { prompt, tokens } of lines)
    assert.deepEqual(tokens, await likeliestAfter(long, weights, [50256, ...gpt2Encoding().encode(prompt)], tokens));
  assert.deepEqual(
    lines.map(({ prompt }) => gpt2Encoding().encode(prompt).length),
    [65, 65, 69, 69, 100, 100, 9, 9],
  );
});

test('a text ends at a stop string and is cut before it, but all tokens are stored', async () => {
  const free = await run('free', { prompts: ['Hello'], samplesPerPrompt: 8, maxNewTokens: 20, topK: 12 });
  const stopped = await run('stop', {
    prompts: ['Hello'],
    samplesPerPrompt: 8,
    maxNewTokens: 20,
    topK: 12,
    stop: ['\n', ' yes no'],
  });
  const ends = stopped.lines.filter((line) => line.stopped === 'stop');
  assert.ok(
    ends.length >= 3 &&
      ends.length === free.lines.filter(({ tokens }) => /\n| yes no/.test(gpt2Encoding().decode(tokens))).length,
  );
  stopped.lines.forEach(({ text, tokens }, i) => {
    assert.deepEqual(tokens, free.lines[i]!.tokens.slice(0, tokens.length));
    assert.equal(text, free.lines[i]!.text.split(/\n| yes no/)[0]);
  });
});

test('with overflow: slide, a text continues from its latest lines as if they were its prompt', async () => {
  const params = { prompts: ['Hello'], maxNewTokens: 60, temperature: 0, stopAtSeparator: false };
  const {
    lines: [slid],
  } = await run('slide', { ...params, overflow: 'slide' });
  const {
    lines: [ended],
  } = await run('no-slide', params);
  assert.equal(slid!.stopped, 'length');
  assert.equal(slid!.tokens.length, 60);
  assert.deepEqual(slid!.tokens.slice(0, 23), ended!.tokens);
  // The context of 24 is full with 25 tokens seen; at most the latest 18 stay, from the start of a line if there is one.
  const seen = [50256, ...gpt2Encoding().encode('Hello'), ...slid!.tokens.slice(0, 23)];
  const lineEnd = seen.findIndex((id, place) => place >= 6 && id === 198);
  const window = seen.slice(lineEnd >= 0 && lineEnd < seen.length - 1 ? lineEnd + 1 : 7);
  assert.deepEqual(
    slid!.tokens.slice(23, 27),
    await likeliestAfter(model, speakingWeights(model), window, slid!.tokens.slice(23, 27)),
  );
});

test('sliding drops whole lines until a quarter of the context is free', () => {
  const [newline, word] = ['\n', ' yes'].map((text) => gpt2Encoding().encode(text)[0]!) as [number, number];
  const rules = {
    temperature: 0,
    topK: 0,
    topP: 1,
    maxNewTokens: 99,
    stopAtSeparator: true,
    stop: [],
    repetitionPenalty: 1,
    overflow: 'slide' as const,
  };
  const slid = (lineEnds: number[]): number[] => {
    const text = newText({
      prompt: '',
      promptIds: Array.from({ length: 12 }, (_, place) => (lineEnds.includes(place) ? newline : 100 + place)),
      seed: 1,
      lane: 0,
    });
    addToken(
      text,
      Float32Array.from({ length: 50257 }, (_, id) => (id === word ? 1 : 0)),
      rules,
      { tokenizer: gpt2Encoding(), context: 12, stopIds: [50256] },
    );
    assert.equal(text.stopped, null);
    return text.seen;
  };
  // 13 tokens seen; the latest 9 may stay.
  assert.deepEqual(slid([1, 5, 9]), [106, 107, 108, newline, 110, 111, word]);
  assert.deepEqual(slid([3]), [104, 105, 106, 107, 108, 109, 110, 111, word]);
  assert.deepEqual(slid([1]), [104, 105, 106, 107, 108, 109, 110, 111, word]);
});

test('leaves texts unfinished when the signal aborts', async () => {
  const abort = new AbortController();
  const texts = [1, 2].map((seed) => newText({ prompt: '', promptIds: [50256], seed, lane: 0 }));
  await generate(texts, {
    reader: {
      rows: 2,
      prompt: () => Promise.reject(new Error('no prompt is that long')),
      tokens: () => Promise.resolve([new Float32Array(8), new Float32Array(8)]),
    },
    limits: { tokenizer: gpt2Encoding(), context: 24, stopIds: [50256] },
    rules: {
      temperature: 1,
      topK: 0,
      topP: 1,
      maxNewTokens: 20,
      stopAtSeparator: true,
      stop: [],
      repetitionPenalty: 1,
      overflow: 'stop',
    },
    signal: abort.signal,
    report: () => texts[0]!.newIds.length === 3 && abort.abort(),
  });
  assert.deepEqual(
    texts.map(({ newIds, stopped }) => [newIds.length, stopped]),
    [
      [3, null],
      [3, null],
    ],
  );
});

test('a cache that grows during generation does not change the texts', async () => {
  const weights = speakingWeights(model);
  const texts = await Promise.all(
    [[24], [8, 16, 24], [2, 24]].map(async (lengths) => {
      const engine = await openTfjsEngine();
      const reader = cachedReader({
        engine,
        model: modelOf(model),
        read: (name) => weights[name]!,
        rows: 2,
        precision: 'fp32',
        lengths,
      });
      const texts = [1, 2, 3].map((seed) =>
        newText({ prompt: '', promptIds: [50256, ...WORDS.slice(0, seed)], seed, lane: 0 }),
      );
      const rules = {
        temperature: 1,
        topK: 9,
        topP: 1,
        maxNewTokens: 20,
        stopAtSeparator: false,
        stop: [],
        repetitionPenalty: 1,
        overflow: 'stop' as const,
      };
      await generate(texts, {
        reader,
        limits: { tokenizer: gpt2Encoding(), context: 24, stopIds: [50256] },
        rules,
        signal: new AbortController().signal,
        report: () => {},
      });
      engine.close();
      return texts.map(({ newIds }) => newIds);
    }),
  );
  assert.deepEqual(texts[1], texts[0]);
  assert.deepEqual(texts[2], texts[0]);
  assert.equal(texts[0]!.flat().length, 60);
});

test('halves the cache if that saves more time than compiling two more programs takes', () => {
  const large = { vocabularySize: 50257, context: 1024, layers: 12, heads: 12, width: 768 };
  assert.deepEqual(cacheLengths(modelOf(large), 1, 1024), [1024]);
  assert.deepEqual(cacheLengths(modelOf(large), 16, 1024), [256, 512, 1024]);
  assert.deepEqual(cacheLengths(modelOf(large), 16, 127), [128]);
  assert.deepEqual(cacheLengths(modelOf(model), 16, 24), [64]);
});

test('a full context ends a text and is reported', async () => {
  const { outDir, events } = await runStage(sample, {
    dir: join(folder.dir, 'full'),
    inputs,
    params: { engine: 'tfjs', prompts: ['Hello'], maxNewTokens: 500, stopAtSeparator: false },
  });
  const [line] = readFileSync(join(outDir, 'samples.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
  assert.equal(line!.stopped, 'context');
  // 24 positions: separator, Hello, and every new token but the last.
  assert.equal(line!.tokens.length, 23);
  assert.ok(events.some((event) => event.kind === 'note' && event.text.startsWith('1 of 1 texts ended because')));
});

test('refuses a prompt that is too long, without quoting it', async () => {
  await assert.rejects(run('long', { prompts: ['Hello', 'secret '.repeat(40)] }), (error: Error) => {
    assert.ok(error instanceof StageInputError);
    assert.match(error.message, /^text 2 has a prompt of 42 tokens, but the model's context is 24 tokens$/);
    assert.ok(!error.message.includes('secret'));
    return true;
  });
});

test(
  'the same params give the same bytes, and both engines give the same texts',
  { skip: skipWithoutTensorFlow },
  async () => {
    const params = { prompts: ['Hello', ''], samplesPerPrompt: 2, maxNewTokens: 8, temperature: 0.8, topK: 10 };
    const a = await run('tf-a', { ...params, engine: 'tensorflow' });
    const b = await run('tf-b', { ...params, engine: 'tensorflow' });
    assert.deepEqual(digestsOf(a.outDir), digestsOf(b.outDir));
    assert.deepEqual((await run('plain', params)).lines, a.lines);
  },
);

test(
  'bf16 matches the logits of fp32 within rounding, alone or with other texts, in one pass or token by token',
  { skip: skipWithoutTensorFlow },
  async () => {
    const config = { vocabularySize: 300, context: 64, layers: 2, heads: 2, width: 64 };
    const weights = initialWeights(config, 9);
    for (const [name, values] of Object.entries(weights))
      if (!name.includes('ln_')) values.forEach((value, i) => (values[i] = 5 * value));
    const ids = Array.from({ length: 24 }, (_, i) => (i * i * 7) % 300);
    const logitsOf = async (precision: 'fp32' | 'bf16', rows: number): Promise<Float32Array[]> => {
      const engine = await openEngine(engineChoice('tensorflow', precision));
      const reader = cachedReader({
        engine,
        model: modelOf(config),
        read: (name) => weights[name]!,
        rows,
        precision,
        lengths: [64],
      });
      // Of three rows, the first and the last have the text; the second has none.
      const found = [await reader.prompt(ids.slice(0, 20), rows === 1 ? [0] : [0, 2])];
      for (let place = 20; place < 24; place++) {
        const at = (value: number): Int32Array =>
          Int32Array.from({ length: rows }, (_, row) => (row === 1 ? 0 : value));
        const after = await reader.tokens(at(ids[place]!), at(place));
        assert.ok(relativeDifference(after.at(-1)!, after[0]!) < 1e-6, `rows differ at ${place}`);
        found.push(after[0]!);
      }
      engine.close();
      return found;
    };
    const expected = await logitsOf('fp32', 1);
    for (const rows of [1, 3]) {
      const found = await logitsOf('bf16', rows);
      found.forEach((logits, i) => {
        const off = relativeDifference(logits, expected[i]!);
        // A product rounds each operand and its result to 8 bits, by at most 2^-9 of them; the errors of 8 consecutive
        // products add up like a random walk.
        assert.ok(off < 3 * 2 ** -9 * Math.sqrt(8), `rows ${rows}, reading ${i}: off by ${off}`);
        assert.ok(off > 2 ** -12, `rows ${rows}, reading ${i}: off by ${off} only, so this was fp32`);
      });
    }
  },
);

test(
  'with precision: bf16, a repeated text is the same, and its settings record the precision',
  { skip: skipWithoutTensorFlow },
  async () => {
    const params = { prompts: ['Hello'], maxNewTokens: 6, topK: 10, precision: 'bf16' };
    const a = await run('bf16-a', { ...params, engine: 'tensorflow' });
    const b = await run('bf16-b', { ...params, engine: 'tensorflow' });
    assert.deepEqual(digestsOf(a.outDir), digestsOf(b.outDir));
    assert.equal(a.lines[0]!.settings['precision'], 'bf16');
  },
);

/** Root mean square of the differences, relative to that of the expected values. */
function relativeDifference(found: Float32Array, expected: Float32Array): number {
  const size = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return size(found.map((value, i) => value - expected[i]!)) / size(expected);
}
