import type { Engine } from '../engine/engine.ts';
import { generate, longestText, TEXTS_AT_ONCE } from '../lm/generation/generate.ts';
import type { GenerationRules, TextSoFar } from '../lm/generation/text-so-far.ts';
import type { Model } from '../lm/model/architecture.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { cachedReader, cacheLengths } from './cached-reader.ts';

export interface Writing {
  engine: Engine;
  model: Model;
  /** returns the values of a weight, given its published name */
  read(name: string): Float32Array;
  tokenizer: Tokenizer;
  precision: 'fp32' | 'bf16';
  rules: GenerationRules;
  signal: AbortSignal;
  /** called after each token */
  report(): void;
}

/** Continues all texts until each has stopped, or until the signal aborts, which leaves some with `stopped: null`. */
export async function writeTexts(
  texts: TextSoFar[],
  { engine, model, read, tokenizer, precision, rules, signal, report }: Writing,
): Promise<void> {
  const rows = Math.min(TEXTS_AT_ONCE, texts.length);
  const { context } = model.config;
  const lengths = cacheLengths(model, rows, longestText(texts, rules, context));
  await generate(texts, {
    reader: cachedReader({ engine, model, read, rows, precision, lengths, first: firstRead(texts.slice(0, rows)) }),
    limits: { tokenizer, context, stopIds: model.stopIds(tokenizer.separator) },
    rules,
    signal,
    report,
  });
}

// ---------------------------------------------------------------------------

/** Texts that begin alike are read together. */
function firstRead([first, ...others]: TextSoFar[]): { count: number; rows: number } | undefined {
  if (!first) return undefined;
  const beginning = first.seen.join(' ');
  return { count: first.seen.length, rows: 1 + others.filter(({ seen }) => seen.join(' ') === beginning).length };
}
