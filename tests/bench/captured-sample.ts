import { createInterface } from 'node:readline';
import { readVocabulary } from '../../src/tokenizer/gpt2/vocabulary-files.ts';
import { modelOf } from '../../src/lm/model/models.ts';
import { engineChoice, openEngine } from '../../src/engine/open-engine.ts';
import { byteLevelTokenizer } from '../../src/tokenizer/byte-level.ts';
import type { ModelConfig } from '../../src/lm/model/architecture.ts';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { cachedReader, cacheLengths } from '../../src/generation/cached-reader.ts';
import { generate } from '../../src/lm/generation/generate.ts';
import { newText } from '../../src/lm/generation/text-so-far.ts';

export interface SampleShape extends ModelConfig {
  batchSize: number;
  prompt: number;
  newTokens: number;
  temperature: number;
  topK: number;
  /** whether all texts begin with the same prompt */
  onePrompt: boolean;
  precision: 'fp32' | 'bf16';
  threads: number;
}

/** Our side: the same protocol as hugging-face-sample.py, with the sample stage's loop. */
export async function serveCapturedSampling(shape: SampleShape): Promise<void> {
  const { batchSize, prompt, newTokens, temperature, topK, onePrompt, precision, threads, ...model } = shape;
  const { vocabJson, mergesText } = readVocabulary();
  const tokenizer = byteLevelTokenizer(vocabJson, mergesText);
  const engine = await openEngine({ ...engineChoice('tensorflow', precision), wideVectors: true, threads });
  const reader = cachedReader({
    engine,
    model: modelOf(model),
    read: (name) => pseudoRandomWeights(weightShapes(model)[name]!, name),
    rows: batchSize,
    precision,
    lengths: cacheLengths(modelOf(model), batchSize, prompt + newTokens - 1),
  });
  // No text may end early, so that both sides generate the same number of tokens.
  const rules = {
    temperature,
    topK,
    topP: 1,
    maxNewTokens: newTokens,
    stopAtSeparator: false,
    stop: [],
    repetitionPenalty: 1,
    overflow: 'stop' as const,
  };
  const promptIds = (row: number): number[] =>
    Array.from({ length: prompt }, (_, i) => ((row + 1) * 7919 * (i + 1)) % model.vocabularySize);

  for await (const line of createInterface({ input: process.stdin })) {
    const seconds: number[] = [];
    let tokens = 0;
    for (let i = 0; i < Number(line); i++) {
      const texts = Array.from({ length: batchSize }, (_, row) =>
        newText({ prompt: '', promptIds: promptIds(onePrompt ? 0 : row), seed: row, lane: 0 }),
      );
      const start = performance.now();
      await generate(texts, {
        reader,
        limits: { tokenizer, context: model.context, stopIds: [] },
        rules,
        signal: new AbortController().signal,
        report: () => {},
      });
      seconds.push((performance.now() - start) / 1000);
      tokens = texts.reduce((sum, { newIds }) => sum + newIds.length, 0);
    }
    process.stdout.write(`${JSON.stringify({ seconds, tokens })}\n`);
  }
  engine.close();
}

/** Weights with a realistic spread that are quick to compute. */
function pseudoRandomWeights(shape: number[], name: string): Float32Array {
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  if (shape.length === 1) return values.fill(name.endsWith('.bias') ? 0 : 1);
  let word = 1;
  for (let i = 0; i < values.length; i++) {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    values[i] = (word / 2 ** 31) * 0.035;
  }
  return values;
}
