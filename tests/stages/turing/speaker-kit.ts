import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialWeights } from '../../../src/lm/model/gpt2/initial-weights.ts';
import { below, randomAt } from '../../../src/lm/random/random.ts';
import { writeWeights } from '../../kit/write-model.ts';
import { gpt2Encoding } from '../model-kit.ts';
import { runStage } from '../run-data-stage.ts';

const WORDS = ['Hello', ' there', ',', ' Ann', ' yes', ' no', ' fine', ' is', ' the', ' and', ' it', '\n'];

/** Random weights that prefer a few words, so that most texts consist of short lines of words. */
function speakingWeights(width: number, seed: number): Record<string, Float32Array> {
  const ids = new Set(WORDS.flatMap((word) => gpt2Encoding().encode(word)));
  const weights = initialWeights({ ...SHAPE, width }, seed);
  for (const [name, values] of Object.entries(weights))
    if (!name.includes('ln_')) values.forEach((value, i) => (values[i] = (name === 'wpe.weight' ? 150 : 12) * value));
  weights['ln_f.bias']![0] = 10;
  weights['ln_f.weight']!.fill(3).fill(0, 0, 1);
  for (let id = 0; id < SHAPE.vocabularySize; id++) weights['wte.weight']![id * width] = ids.has(id) ? 1.4 : 0;
  return weights;
}
const SHAPE = { vocabularySize: 50257, context: 160, layers: 1, heads: 2, width: 8 };

/** A checkpoint that writes random lines of a few words. */
export async function writeSpeaker(dir: string, seed: number): Promise<void> {
  const weights = speakingWeights(SHAPE.width, seed);
  await writeWeights(join(dir, 'best'), { model: SHAPE, weights, step: 7, seed });
}

/** Conversations of the same words, tokenized with half of them held out. */
export async function writeSpokenTokens(dir: string, count: number, params: object = {}): Promise<string> {
  const conversations = `${dir}-conversations`;
  mkdirSync(conversations, { recursive: true });
  const random = randomAt(3, 0, 'mix');
  const line = (): string =>
    Array.from({ length: 5 + below(random, 5) }, () => WORDS[below(random, WORDS.length - 1)]!)
      .join('')
      .trim();
  const lines = Array.from({ length: count }, (_, i) => {
    const messages = Array.from({ length: 9 }, (__, j) => ({
      from: ['Ann', 'Ben'][below(random, 2)]!,
      time: 1_600_000_000_000 + i * 1_000_000 + j * 1000,
      text: line(),
    }));
    return `${JSON.stringify({ id: `c${i}`, messages })}\n`;
  });
  writeFileSync(join(conversations, 'conversations.jsonl'), lines.join(''));
  const { outDir } = await runStage('tokenize', dir, {
    inputs: { conversations },
    params: { template: '({s}) {name}: {text}', validation: 0.1, test: 0.4, ...params },
  });
  return outDir;
}
