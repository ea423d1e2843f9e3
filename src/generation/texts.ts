import { createHash } from 'node:crypto';
import { newText, writtenText, type GenerationRules, type TextSoFar } from '../lm/generation/text-so-far.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** Which texts are written: `samplesPerPrompt` for each prompt. */
export interface TextRequest {
  prompts: string[];
  samplesPerPrompt: number;
  /** text k of a prompt, counted from 0, uses the seed `seed` + k */
  seed: number;
  /** whether the prompt begins a conversation, or continues one */
  startAtSeparator: boolean;
}

/** The texts before their first token. What a text becomes depends only on its prompt, its seed and the rules. */
export function plannedTexts(
  { prompts, samplesPerPrompt, seed, startAtSeparator }: TextRequest,
  tokenizer: Tokenizer,
): TextSoFar[] {
  return prompts.flatMap((prompt) => {
    const ids = tokenizer.encode(prompt);
    const promptIds = startAtSeparator || ids.length === 0 ? [tokenizer.separator, ...ids] : ids;
    const lane = createHash('sha256').update(prompt).digest().readUInt32LE(0);
    return Array.from({ length: samplesPerPrompt }, (_, k) =>
      newText({ prompt, promptIds, seed: (seed + k) % 2 ** 32, lane }),
    );
  });
}

/** A finished text, as in `samples.jsonl`. */
export interface SampleRecord {
  prompt: string;
  /** what the model wrote after the prompt, without the separator */
  text: string;
  /** ids of the text, including the separator if the model ended the text with it */
  tokens: number[];
  seed: number;
  stopped: TextSoFar['stopped'];
  settings: Record<string, unknown>;
}

export interface SampleSettings extends GenerationRules {
  startAtSeparator: boolean;
  precision: 'fp32' | 'bf16';
  weights: string;
}

/** `step`: that of the weights. */
export function sampleRecord(
  text: TextSoFar,
  { precision, weights, ...rules }: SampleSettings,
  step: number,
  tokenizer: Tokenizer,
): SampleRecord {
  const { temperature, topK, topP, repetitionPenalty, maxNewTokens } = rules;
  const { startAtSeparator, stopAtSeparator, stop, overflow } = rules;
  const settings = {
    temperature,
    topK,
    topP,
    topPRule: 'keep-crossing',
    repetitionPenalty,
    maxNewTokens,
    startAtSeparator,
    stopAtSeparator,
    stop,
    overflow,
    ...(precision === 'bf16' ? { precision } : {}),
    weights,
    step,
  };
  const { prompt, newIds, seed, stopped } = text;
  return { prompt, text: writtenText(text, stop, tokenizer), tokens: newIds, seed, stopped, settings };
}
