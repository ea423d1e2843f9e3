import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { randomAt } from '../random/random.ts';
import { penalizeRepetition, sampleToken, type SamplingSettings } from './sampling.ts';

export type Stopped = 'separator' | 'length' | 'context' | 'stop';

export interface TextSoFar {
  prompt: string;
  promptIds: number[];
  seed: number;
  /** stream of random numbers: texts with the same seed but other prompts must not draw the same ones */
  lane: number;
  newIds: number[];
  /** what the model reads: the prompt and what it wrote, or their end, once the context was full */
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

/** What the model allows, whatever the rules are. */
export interface ModelLimits {
  tokenizer: Tokenizer;
  /** in tokens */
  context: number;
  /** ids with which the model ends a text */
  stopIds: readonly number[];
}

export function newText(given: Pick<TextSoFar, 'prompt' | 'promptIds' | 'seed' | 'lane'>): TextSoFar {
  return { ...given, newIds: [], seen: [...given.promptIds], stopped: null };
}

/**
 * Draws the next token, and decides whether the text ends with it. What is drawn depends on the logits, the text's seed
 * and prompt, and the position alone. A repetition penalty changes `logits`.
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

/** What the model wrote, without the separator, without a stop string and what follows it, and without half a character. */
export function writtenText({ newIds, stopped }: TextSoFar, stop: string[], tokenizer: Tokenizer): string {
  const text = tokenizer.decode(newIds);
  const cut = stopped === 'stop' ? firstStop(text, stop) : text.length;
  return text.slice(0, cut).replace(/\uFFFD+$/, '');
}

// ---------------------------------------------------------------------------------------------------------------------

/** A token has at least one byte, so a stop string that ends in the last token begins in one of as many as it has bytes. */
function endsWithStop({ newIds }: TextSoFar, stop: string[], { decode }: Tokenizer): boolean {
  const longest = Math.max(...stop.map((each) => new TextEncoder().encode(each).length));
  return firstStop(decode(newIds.slice(-longest)), stop) >= 0;
}

function firstStop(text: string, stop: string[]): number {
  const found = stop.map((each) => text.indexOf(each)).filter((index) => index >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Drops whole lines from the beginning until a quarter of the context is free; cuts a line if there is no other way. */
function latestLines(ids: number[], context: number, { decode }: Tokenizer): number[] {
  const least = ids.length - Math.max(1, Math.floor((context * 3) / 4));
  const lineEnd = ids.findIndex((id, index) => index >= least - 1 && decode([id]).includes('\n'));
  // Cut the line if dropping it would leave nothing.
  return ids.slice(lineEnd >= 0 && lineEnd < ids.length - 1 ? lineEnd + 1 : least);
}
