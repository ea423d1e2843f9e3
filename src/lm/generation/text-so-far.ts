import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { randomAt } from '../random/random.ts';
import { penalizeRepetition, sampleToken, type SamplingSettings } from './sampling.ts';

export type Stopped = 'separator' | 'length' | 'context' | 'stop';

export interface TextSoFar {
  prompt: string;
  promptIds: number[];
  seed: number;
  /** number of the random stream: texts with the same seed but different prompts must draw different numbers */
  lane: number;
  newIds: number[];
  /** the tokens that the model reads: prompt and new tokens, or only the latest of them once the context was full */
  seen: number[];
  stopped: Stopped | null;
}

export interface GenerationRules extends SamplingSettings {
  maxNewTokens: number;
  stopAtSeparator: boolean;
  stop: string[];
  repetitionPenalty: number;
  overflow: 'stop' | 'slide';
}

/** Limits of the model, independent of the rules. */
export interface ModelLimits {
  tokenizer: Tokenizer;
  /** in tokens */
  context: number;
  /** ids that end a text */
  stopIds: readonly number[];
}

export function newText(start: Pick<TextSoFar, 'prompt' | 'promptIds' | 'seed' | 'lane'>): TextSoFar {
  return { ...start, newIds: [], seen: [...start.promptIds], stopped: null };
}

/**
 * Draws the next token, and decides whether the text ends with it. The draw depends only on the logits, the position,
 * and the seed and prompt of the text. A repetition penalty changes `logits`.
 */
export function addToken(
  text: TextSoFar,
  logits: Float32Array,
  rules: GenerationRules,
  { tokenizer, context, stopIds }: ModelLimits,
): void {
  penalizeRepetition(logits, text.seen, rules.repetitionPenalty);
  const id = sampleToken(
    logits,
    rules,
    randomAt(text.seed, text.promptIds.length + text.newIds.length, 'sampling', text.lane),
  );
  const full = text.seen.length === context;
  text.newIds.push(id);
  text.seen.push(id);
  if (stopIds.includes(id) && rules.stopAtSeparator) text.stopped = 'separator';
  else if (rules.stop.length > 0 && endsWithStop(text, rules.stop, tokenizer)) text.stopped = 'stop';
  else if (text.newIds.length === rules.maxNewTokens) text.stopped = 'length';
  else if (full && rules.overflow === 'stop') text.stopped = 'context';
  else if (full) text.seen = latestLines(text.seen, context, tokenizer);
}

/** The text after the prompt, cut before a stop string, without the separator and without an incomplete character. */
export function writtenText({ newIds, stopped }: TextSoFar, stop: string[], tokenizer: Tokenizer): string {
  const text = tokenizer.decode(newIds);
  const cut = stopped === 'stop' ? firstStop(text, stop) : text.length;
  return text.slice(0, cut).replace(/\uFFFD+$/, '');
}

// ---------------------------------------------------------------------------------------------------------------------

/** A token has at least one byte, so a stop string of n bytes at the end of the text is within the last n tokens. */
function endsWithStop({ newIds }: TextSoFar, stop: string[], { decode }: Tokenizer): boolean {
  const longest = Math.max(...stop.map((string) => new TextEncoder().encode(string).length));
  return firstStop(decode(newIds.slice(-longest)), stop) >= 0;
}

function firstStop(text: string, stop: string[]): number {
  const found = stop.map((string) => text.indexOf(string)).filter((index) => index >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Drops whole lines from the beginning until a quarter of the context is free; cuts a line only if it has to. */
function latestLines(ids: number[], context: number, { decode }: Tokenizer): number[] {
  const least = ids.length - Math.max(1, Math.floor((context * 3) / 4));
  const lineEnd = ids.findIndex((id, index) => index >= least - 1 && decode([id]).includes('\n'));
  // Cut the line if dropping it would leave nothing.
  return ids.slice(lineEnd >= 0 && lineEnd < ids.length - 1 ? lineEnd + 1 : least);
}
