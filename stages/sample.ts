/**
 * sample: a checkpoint in, texts of the model out: all of them, in order, none picked.
 *
 * Keys and values are cached, and all texts of a batch go on together, one token a call; a text whose prompt is longer simply reads its
 * prompt for longer. Only what all prompts of a batch have before them is read in pieces, if it is long. A text ends at the separator, after `maxNewTokens`, or where the model's context is full; it is never cut and moved
 * on, because a GPT-2 knows absolute places and would have to read everything again.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from '@sinclair/typebox';
import { openCheckpoint, type Checkpoint } from '../src/artifacts/checkpoint.ts';
import type { Engine, Program, Variable } from '../src/engine/engine.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import { createEncoding, type Encoding } from '../src/lm/encoding.ts';
import { weightShapes } from '../src/lm/gpt2.ts';
import { cachedInputs, cachedStep, cacheInputs, cacheShapes } from '../src/lm/kv-cache.ts';
import { randomAt } from '../src/lm/random.ts';
import { sampleToken } from '../src/lm/sampling.ts';
import { StageInputError, StageStopped, defineStage, type StageContext } from './define-stage.ts';

// --- params and runtime ------------------------------------------------------------------------------------

const params = Type.Object(
  {
    prompts: Type.Array(Type.String(), { minItems: 1, description: 'what the texts begin with; an empty one lets the model begin' }),
    samplesPerPrompt: Type.Integer({ minimum: 1, maximum: 10000, default: 1, description: 'texts for each prompt; the k-th of each has the seed `seed` + k, counted from 0' }),
    maxNewTokens: Type.Integer({ minimum: 1, maximum: 65536, default: 100, description: 'longest continuation; a token is about 3 characters of chat' }),
    temperature: Type.Number({ minimum: 0, maximum: 100, default: 1, description: 'below 1 safer and more repetitive, above 1 wilder; 0 always takes the likeliest token' }),
    topK: Type.Integer({ minimum: 0, default: 0, description: 'draw from the k likeliest tokens only, and those as likely as the k-th; 0: from all' }),
    topP: Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 1, description: 'draw from the likeliest tokens that together hold this much probability, the one that crosses the mark included; 1: from all' }),
    seed: Type.Integer({ minimum: 0, maximum: 4294967295, default: 1337, description: 'another seed draws other texts' }),
    startAtSeparator: Type.Boolean({ default: true, description: 'let the prompt stand at the beginning of a conversation; false: somewhere inside one' }),
    stopAtSeparator: Type.Boolean({ default: true, description: 'end a text where the model ends the conversation' }),
    weights: Type.Union([Type.Literal('best'), Type.Literal('final')], { default: 'best', description: 'best: those with the lowest validation loss; final: those of the last step' }),
    engine: Type.Union([Type.Literal('tensorflow'), Type.Literal('tfjs')], { default: 'tensorflow', description: 'tensorflow: captured and fast; tfjs: op by op, as reference' }),
  },
  { additionalProperties: false },
);
const runtime = Type.Object({}, { additionalProperties: false });

type Params = Static<typeof params>;
type Context = StageContext<Params, Static<typeof runtime>>;

// --- contract ----------------------------------------------------------------------------------------------

export const sample = defineStage({
  kind: 'sample',
  version: 1,
  summary: 'lets a checkpoint write texts, with temperature, top-k, top-p and a seed; keeps every one',
  params,
  runtime,
  sources: [],
  inputs: { checkpoint: 'checkpoint' },
  output: 'samples',
  computes: true,
  run,
});

// --- run ---------------------------------------------------------------------------------------------------

async function run(context: Context): Promise<void> {
  const { params, inputs, outDir, emit } = context;
  const checkpoint = openCheckpoint(join(inputs['checkpoint']!, params.weights), weightShapes);
  const encoding = createEncoding(checkpoint.vocabJson, checkpoint.mergesText);
  const texts = plannedTexts(params, encoding);
  checkPrompts(texts, checkpoint);
  const engine = await openEngine(engineChoice(params.engine));
  emit({ kind: 'note', text: engine.description });
  try {
    await generate(context, { engine, checkpoint, encoding, texts });
  } finally {
    engine.close();
    checkpoint.close();
  }
  const samples = texts.map((text) => recordOf(text, params, checkpoint, encoding));
  writeFileSync(join(outDir, 'samples.jsonl'), samples.map((each) => `${JSON.stringify(each)}\n`).join(''));
  writeFileSync(join(outDir, 'samples.md'), markdown(samples, params));
  for (const { prompt, text } of samples) emit({ kind: 'sample', step: checkpoint.training.step, prompt, text });
  const full = texts.filter(({ stopped }) => stopped === 'context').length;
  if (full > 0) emit({ kind: 'note', text: `${full} of ${texts.length} texts ended because the model's context of ${checkpoint.model.context} tokens was full` });
}

// --- texts -------------------------------------------------------------------------------------------------

interface GrowingText {
  prompt: string;
  promptIds: number[];
  seed: number;
  /** of the generator: texts of one seed but different prompts must not draw the same numbers */
  lane: number;
  newIds: number[];
  stopped: 'separator' | 'length' | 'context' | null;
}

function plannedTexts({ prompts, samplesPerPrompt, seed, startAtSeparator }: Params, encoding: Encoding): GrowingText[] {
  return prompts.flatMap((prompt) => {
    const ids = encoding.encode(prompt);
    const promptIds = startAtSeparator || ids.length === 0 ? [encoding.separator, ...ids] : ids;
    const lane = createHash('sha256').update(prompt).digest().readUInt32LE(0);
    return Array.from({ length: samplesPerPrompt }, (_, k): GrowingText => ({ prompt, promptIds, seed: (seed + k) % 2 ** 32, lane, newIds: [], stopped: null }));
  });
}

function checkPrompts(texts: GrowingText[], { model }: Checkpoint): void {
  const place = texts.findIndex(({ promptIds }) => promptIds.length > model.context);
  if (place < 0) return;
  const { promptIds } = texts[place]!;
  throw new StageInputError(`text ${place + 1} has a prompt of ${promptIds.length} tokens, the model's context holds ${model.context}`, 'shorten the prompt');
}

interface SampleRecord {
  prompt: string;
  /** what the model wrote after the prompt, without the separator */
  text: string;
  /** its ids, the separator included where the model ended the text */
  tokens: number[];
  seed: number;
  stopped: GrowingText['stopped'];
  settings: Record<string, unknown>;
}

function recordOf({ prompt, newIds, seed, stopped }: GrowingText, params: Params, { training }: Checkpoint, encoding: Encoding): SampleRecord {
  const { temperature, topK, topP, maxNewTokens, startAtSeparator, stopAtSeparator, weights } = params;
  const settings = { temperature, topK, topP, topPRule: 'keep-crossing', maxNewTokens, startAtSeparator, stopAtSeparator, weights, step: training.step };
  return { prompt, text: wholeCharacters(encoding.decode(newIds)), tokens: newIds, seed, stopped, settings };
}

/** A text that was cut may end inside a character, which decodes to U+FFFD. */
function wholeCharacters(text: string): string {
  return text.replace(/\uFFFD+$/, '');
}

// --- generation --------------------------------------------------------------------------------------------

/** More texts at once cost little more time a token, but each has its own cache. */
const TEXTS_AT_ONCE = 16;

/**
 * Tokens of a prompt read in one call. At 124M weights a piece takes 1.5 times the time of one token alone (batch of 1), or 12 times
 * (batch of 16), and compiling its program as much as 40 tokens: it pays from two pieces on.
 */
const PIECE = 32;

interface Generation {
  engine: Engine;
  checkpoint: Checkpoint;
  encoding: Encoding;
  texts: GrowingText[];
}

async function generate({ params, signal, emit }: Context, { engine, checkpoint, encoding, texts }: Generation): Promise<void> {
  const rows = Math.min(TEXTS_AT_ONCE, texts.length);
  const longestPrompt = Math.max(...texts.map(({ promptIds }) => promptIds.length));
  // The last new token is never read, so it needs no place in the cache.
  const length = Math.min(checkpoint.model.context, longestPrompt + params.maxNewTokens - 1);
  const read = cachedReader(engine, checkpoint, { rows, length });
  const report = progressReport(emit, texts);
  for (let first = 0; first < texts.length; first += rows) {
    const batch = texts.slice(first, first + rows);
    const readTogether = Math.min(...batch.map(({ promptIds }) => promptIds.length - 1));
    let position = 0;
    while (readTogether >= 2 * PIECE && position + PIECE <= readTogether) {
      if (signal.aborted) throw new StageStopped();
      await read(batch, position, PIECE);
      position += PIECE;
    }
    for (; position < length && batch.some(({ stopped }) => stopped === null); position++) {
      if (signal.aborted) throw new StageStopped();
      const logits = await read(batch, position, 1);
      batch.forEach((text, row) => grow(text, position, logits[row]!, { params, separator: encoding.separator, context: checkpoint.model.context }));
      report();
    }
  }
}

/** Lets the model read `count` tokens of each text from `position` on; gives the logits after the last of them, one row a text. */
function cachedReader(engine: Engine, { model, read }: Checkpoint, { rows, length }: { rows: number; length: number }) {
  const weights = Object.entries(weightShapes(model)).map(([name, shape]) => [name, engine.variable(name, shape, read(name))]);
  const cache = Object.entries(cacheShapes(model, rows, length)).map(([name, shape]) => {
    return [name, engine.variable(name, shape, new Float32Array(shape.reduce((product, each) => product * each, 1)))];
  });
  const variables: Record<string, Variable> = Object.fromEntries([...weights, ...cache]);
  const programs = new Map<number, Program>();
  return async (batch: GrowingText[], position: number, count: number): Promise<Float32Array[]> => {
    const program = programs.get(count) ?? engine.compile(`read_${count}`, { inputs: cachedInputs(rows, count, length), variables }, cachedStep(model));
    programs.set(count, program);
    const tokens = Int32Array.from({ length: rows * count }, (_, i) => tokenAt(batch[Math.floor(i / count)], position + (i % count)));
    const { logits } = await program.call({ tokens, ...cacheInputs(position, count, length) });
    return batch.map((_, row) => logits!.subarray(row * model.vocabularySize, (row + 1) * model.vocabularySize));
  };
}

/** Rows beyond the batch, and texts that have ended, read token 0: their logits are not looked at. */
function tokenAt(text: GrowingText | undefined, position: number): number {
  if (!text) return 0;
  return text.promptIds[position] ?? text.newIds[position - text.promptIds.length] ?? 0;
}

/** Adds the token after `position`, once the prompt is read. What is drawn depends on the text's seed, its prompt and the place alone. */
function grow(text: GrowingText, position: number, logits: Float32Array, { params, separator, context }: { params: Params; separator: number; context: number }): void {
  if (text.stopped !== null || position < text.promptIds.length - 1) return;
  const id = sampleToken(logits, params, randomAt(text.seed, position + 1, 'sampling', text.lane));
  text.newIds.push(id);
  if (id === separator && params.stopAtSeparator) text.stopped = 'separator';
  else if (text.newIds.length === params.maxNewTokens) text.stopped = 'length';
  else if (position === context - 1) text.stopped = 'context';
}

function progressReport(emit: Context['emit'], texts: GrowingText[]): () => void {
  const started = performance.now();
  let shown = 0;
  return () => {
    const now = performance.now();
    const done = texts.filter(({ stopped }) => stopped !== null).length;
    if (now - shown < 200 && done < texts.length) return;
    shown = now;
    const tokens = texts.reduce((sum, { newIds }) => sum + newIds.length, 0);
    const speed = Math.round((tokens * 1000) / (now - started));
    emit({ kind: 'progress', done, total: texts.length, unit: 'texts', note: `${tokens.toLocaleString('en-US')} tokens · ${speed.toLocaleString('en-US')} tokens/s` });
  };
}

// --- markdown ----------------------------------------------------------------------------------------------

function markdown(samples: SampleRecord[], { temperature, topK, topP }: Params): string {
  const settings = `temperature ${temperature}, top-k ${topK || 'off'}, top-p ${topP === 1 ? 'off' : topP}`;
  const head = `# Samples\n\nWritten by a model, all ${samples.length} of them, none picked: ${settings}.\n`;
  const parts = samples.map(({ prompt, text, seed, stopped }, place) => {
    const fence = '`'.repeat(Math.max(3, ...Array.from(`${prompt}${text}`.matchAll(/`+/g), ([run]) => run.length + 1)));
    return `\n## ${place + 1}\n\nSeed ${seed}, ended by ${stopped}${prompt === '' ? ', no prompt' : `, prompt ${JSON.stringify(prompt)}`}.\n\n${fence}\n${prompt}${text}\n${fence}\n`;
  });
  return head + parts.join('');
}
