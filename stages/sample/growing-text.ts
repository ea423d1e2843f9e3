import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { randomAt } from '../../src/lm/random/random.ts';
import { penalizeRepetition, sampleToken, type SamplingSettings } from '../../src/lm/generation/sampling.ts';

export type Stopped = 'separator' | 'length' | 'context' | 'stop';

export interface GrowingText {
  prompt: string;
  promptIds: number[];
  seed: number;
  /** of the generator: texts of one seed but different prompts must not draw the same numbers */
  lane: number;
  newIds: number[];
  /** what the model sees: the prompt and what it wrote, or their end, once the context was full */
  seen: number[];
  stopped: Stopped | null;
}

export interface GrowthRules extends SamplingSettings {
  maxNewTokens: number;
  stopAtSeparator: boolean;
  stop: string[];
  repetitionPenalty: number;
  overflow: 'stop' | 'slide';
}

export function newText(given: Pick<GrowingText, 'prompt' | 'promptIds' | 'seed' | 'lane'>): GrowingText {
  return { ...given, newIds: [], seen: [...given.promptIds], stopped: null };
}

/**
 * Adds the token after all that is seen, and decides whether the text ends with it. What is drawn depends on the text's
 * seed, its prompt and the place alone. Changes `logits` where a repetition penalty says so.
 */
export function grow(
  text: GrowingText,
  logits: Float32Array,
  rules: GrowthRules,
  { encoding, context }: { encoding: Tokenizer; context: number },
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
  if (id === encoding.separator && rules.stopAtSeparator) text.stopped = 'separator';
  else if (rules.stop.length > 0 && endOfStop(text, rules.stop, encoding)) text.stopped = 'stop';
  else if (text.newIds.length === rules.maxNewTokens) text.stopped = 'length';
  else if (full && rules.overflow === 'stop') text.stopped = 'context';
  else if (full) text.seen = latestLines(text.seen, context, encoding);
}

/**
 * What the model wrote, without the separator, a stop string and what follows it, and the bytes of a character that was
 * cut.
 */
export function writtenText({ newIds, stopped }: GrowingText, stop: string[], encoding: Tokenizer): string {
  const text = encoding.decode(newIds);
  const cut = stopped === 'stop' ? firstStop(text, stop) : text.length;
  return text.slice(0, cut).replace(/\uFFFD+$/, '');
}

// ---------------------------------------------------------------------------------------------------------------------

/** A token has at least one byte, so a stop string that ends in the last token begins in one of as many as it has bytes. */
function endOfStop({ newIds }: GrowingText, stop: string[], { decode }: Tokenizer): boolean {
  const longest = Math.max(...stop.map((each) => new TextEncoder().encode(each).length));
  return firstStop(decode(newIds.slice(-longest)), stop) >= 0;
}

function firstStop(text: string, stop: string[]): number {
  const places = stop.map((each) => text.indexOf(each)).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
}

/**
 * Drops whole lines from the beginning until a quarter of the context is free; the middle of a line if there is no
 * other way.
 */
function latestLines(ids: number[], context: number, { decode }: Tokenizer): number[] {
  const least = ids.length - Math.max(1, Math.floor((context * 3) / 4));
  const lineEnd = ids.findIndex((id, place) => place >= least - 1 && decode([id]).includes('\n'));
  // A line that would leave nothing to go on from is cut.
  return ids.slice(lineEnd >= 0 && lineEnd < ids.length - 1 ? lineEnd + 1 : least);
}
