/**
 * sample: a checkpoint in, texts of the model out: all of them, in order, none picked.
 *
 * Keys and values are cached. Up to 16 texts are written at once, one token per call; when one ends, the next starts. A
 * prompt is read in one pass, once for all texts that begin with it. A text ends at the separator, at a stop string,
 * after `maxNewTokens`, or where the model's context is full. With `overflow: slide` it continues from its latest lines
 * instead, which are read again, because their positions change.
 */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCheckpoint, type Checkpoint } from '../src/artifacts/checkpoint/checkpoint.ts';
import { engineChoice, openEngine } from '../src/engine/open-engine.ts';
import { cachedReader, cacheLengths } from '../src/generation/cached-reader.ts';
import { generate, longestText, TEXTS_AT_ONCE } from '../src/lm/generation/generate.ts';
import { newText, writtenText, type TextSoFar } from '../src/lm/generation/text-so-far.ts';
import type { ModelConfig } from '../src/lm/model/architecture.ts';
import { modelFormat } from '../src/lm/model/layouts.ts';
import { modelOf } from '../src/lm/model/models.ts';
import { tokenizerFrom } from '../src/tokenizer/open-tokenizer.ts';
import type { Tokenizer } from '../src/tokenizer/tokenizer.ts';
import { StageInputError, StageStopped } from '../src/pipeline/stage-kind.ts';
import type { Context, Params } from './sample/params.ts';
import { withCommas } from '../src/numbers/counted.ts';

export async function run(context: Context): Promise<void> {
  const { params, inputs, outDir, emit, signal } = context;
  const checkpoint = openCheckpoint(join(inputs['checkpoint']!, params.weights), modelFormat);
  const model = modelOf(checkpoint.model);
  const { context: contextLength } = model.config;
  const tokenizer = tokenizerFrom(checkpoint);
  const texts = plannedTexts(params, tokenizer);
  checkPrompts(texts, model.config);
  const engine = await openEngine({ ...engineChoice(params.engine, params.precision), wideVectors: true });
  emit({ kind: 'note', text: engine.description });
  try {
    const rows = Math.min(TEXTS_AT_ONCE, texts.length);
    const lengths = cacheLengths(model, rows, longestText(texts, params, contextLength));
    const { precision } = params;
    await generate(texts, {
      reader: cachedReader({ engine, model, read: checkpoint.read, rows, precision, lengths }),
      limits: { tokenizer, context: contextLength, stopIds: model.stopIds(tokenizer.separator) },
      rules: params,
      signal,
      report: progressReport(emit, texts),
    });
    if (texts.some(({ stopped }) => stopped === null)) throw new StageStopped();
  } finally {
    engine.close();
    checkpoint.close();
  }
  const samples = texts.map((text) => recordOf(text, params, checkpoint, tokenizer));
  writeFileSync(join(outDir, 'samples.jsonl'), samples.map((each) => `${JSON.stringify(each)}\n`).join(''));
  writeFileSync(join(outDir, 'samples.md'), markdown(samples, params));
  for (const { prompt, text } of samples) emit({ kind: 'sample', step: checkpoint.training.step, prompt, text });
  const full = texts.filter(({ stopped }) => stopped === 'context').length;
  if (full > 0)
    emit({
      kind: 'note',
      text: `${full} of ${texts.length} texts ended because the model's context of ${contextLength} tokens was full`,
    });
}

// --- texts -------------------------------------------------------------------------------------------------

function plannedTexts(
  { prompts, samplesPerPrompt, seed, startAtSeparator }: Params,
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

function checkPrompts(texts: TextSoFar[], { context }: ModelConfig): void {
  const index = texts.findIndex(({ promptIds }) => promptIds.length > context);
  if (index < 0) return;
  const { promptIds } = texts[index]!;
  throw new StageInputError(
    `text ${index + 1} has a prompt of ${promptIds.length} tokens, the model's context holds ${context}`,
    'shorten the prompt',
  );
}

interface SampleRecord {
  prompt: string;
  /** what the model wrote after the prompt, without the separator */
  text: string;
  /** its ids, the separator included where the model ended the text */
  tokens: number[];
  seed: number;
  stopped: TextSoFar['stopped'];
  settings: Record<string, unknown>;
}

function recordOf(text: TextSoFar, params: Params, { training }: Checkpoint, tokenizer: Tokenizer): SampleRecord {
  const {
    temperature,
    topK,
    topP,
    repetitionPenalty,
    maxNewTokens,
    startAtSeparator,
    stopAtSeparator,
    stop,
    overflow,
    precision,
    weights,
  } = params;
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
    step: training.step,
  };
  const { prompt, newIds, seed, stopped } = text;
  return { prompt, text: writtenText(text, stop, tokenizer), tokens: newIds, seed, stopped, settings };
}

// --- progress ----------------------------------------------------------------------------------------------

function progressReport(emit: Context['emit'], texts: TextSoFar[]): () => void {
  const started = performance.now();
  let shown = 0;
  return () => {
    const now = performance.now();
    const done = texts.filter(({ stopped }) => stopped !== null).length;
    if (now - shown < 200 && done < texts.length) return;
    shown = now;
    const tokens = texts.reduce((sum, { newIds }) => sum + newIds.length, 0);
    const speed = Math.round((tokens * 1000) / (now - started));
    emit({
      kind: 'progress',
      done,
      total: texts.length,
      unit: 'texts',
      note: `${withCommas(tokens)} tokens · ${withCommas(speed)} tokens/s`,
    });
  };
}

// --- markdown ----------------------------------------------------------------------------------------------

function markdown(samples: SampleRecord[], { temperature, topK, topP }: Params): string {
  const settings = `temperature ${temperature}, top-k ${topK || 'off'}, top-p ${topP === 1 ? 'off' : topP}`;
  const head = `# Samples\n\nWritten by a model, all ${samples.length} of them, none picked: ${settings}.\n`;
  const parts = samples.map(({ prompt, text, seed, stopped }, index) => {
    const fence = '`'.repeat(Math.max(3, ...Array.from(`${prompt}${text}`.matchAll(/`+/g), ([run]) => run.length + 1)));
    return `\n## ${index + 1}\n\nSeed ${seed}, ended by ${stopped}${prompt === '' ? ', no prompt' : `, prompt ${JSON.stringify(prompt)}`}.\n\n${fence}\n${prompt}${text}\n${fence}\n`;
  });
  return head + parts.join('');
}
