import { type Random, uniform } from '../random/random.ts';

/** How the next token is chosen, applied in this order: temperature, then top-k, then top-p. */
export interface SamplingSettings {
  /** divides the logits; 0 always chooses the most likely token, the first one if several are equal */
  temperature: number;
  /** keep the k most likely tokens and those tied with the k-th; 0: all */
  topK: number;
  /**
   * keep the most likely tokens that together reach this probability, including the one that crosses it, as nshepperd
   * and Hugging Face do; 1: all
   */
  topP: number;
}

/** Ids that may be drawn, in ascending order, and their probabilities, which sum to 1. */
export interface Candidates {
  ids: Uint32Array;
  probabilities: Float64Array;
}

/**
 * Draws the next token. `logits` is one row. The result depends only on it, the settings, and one word of `random`
 * (none at temperature 0).
 */
export function sampleToken(logits: Float32Array, settings: SamplingSettings, random: Random): number {
  if (settings.temperature === 0) return mostLikely(logits);
  const { ids, weights } = kept(logits, settings);
  const point = uniform(random) * sum(weights);
  let passed = 0;
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    passed += weights[i]!;
    if (point < passed) return idAt(ids, i);
    last = i;
  }
  return idAt(ids, last);
}

/** The distribution that `sampleToken` draws from. Throws if a logit is not a number. */
export function candidates(logits: Float32Array, settings: SamplingSettings): Candidates {
  if (settings.temperature === 0) return { ids: Uint32Array.of(mostLikely(logits)), probabilities: Float64Array.of(1) };
  const { ids, weights } = kept(logits, settings);
  const total = sum(weights);
  const indices = Uint32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  return {
    ids: indices.map((i) => idAt(ids, i)),
    probabilities: Float64Array.from(indices, (i) => weights[i]! / total),
  };
}

/**
 * Makes the tokens of a text less likely: divides a positive logit by `penalty` and multiplies a negative one, once per
 * token, however often it occurs. Sources: Keskar et al., "CTRL", 2019, section 4.1; Hugging Face's rule for the sign,
 * without which division would favour unlikely tokens. Changes `logits`, unless `penalty` is 1.
 */
export function penalizeRepetition(logits: Float32Array, text: Iterable<number>, penalty: number): void {
  if (penalty === 1) return;
  for (const id of new Set(text)) logits[id] = logits[id]! > 0 ? logits[id]! / penalty : logits[id]! * penalty;
}

// ---------------------------------------------------------------------------------------------------------------------

/** The remaining tokens: ids in ascending order (null: all of them), and probabilities up to a common factor. */
interface Kept {
  ids: Uint32Array | null;
  weights: Float64Array;
}

const idAt = (ids: Uint32Array | null, index: number): number => (ids === null ? index : ids[index]!);

/** The weights of the whole vocabulary, used again for each token: a new array would cost as much as filling it. */
let latest = new Float64Array(0);
const weightsOf = (length: number): Float64Array =>
  latest.length === length ? latest : (latest = new Float64Array(length));

/** Runs once per token, over the whole vocabulary. What it returns is valid until the next call. */
function kept(logits: Float32Array, { temperature, topK, topP }: SamplingSettings): Kept {
  const ids = topK > 0 && topK < logits.length ? largest(logits, topK) : null;
  const values = ids === null ? logits : Float32Array.from(ids, (id) => logits[id]!);
  const best = values[mostLikely(values)]!;
  const weights = weightsOf(values.length);
  for (let i = 0; i < values.length; i++) weights[i] = Math.exp((values[i]! - best) / temperature);
  if (topP < 1) cutToNucleus(weights, topP);
  return { ids, weights };
}

function mostLikely(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    if (Number.isNaN(logits[id]!)) throw notANumber(id);
    if (logits[id]! > logits[best]!) best = id;
  }
  return best;
}

/**
 * Ids of the k largest logits and of those equal to the k-th, ascending. Makes one pass without sorting: after the
 * first few hundred logits, hardly any exceeds the k-th largest so far, and only those that do can belong to the
 * result.
 */
function largest(logits: Float32Array, k: number): Uint32Array {
  const top = logits.slice(0, k).sort();
  const reached = Array.from(top.keys());
  let floor = top[0]!;
  if (top.some(Number.isNaN)) throw notANumber(logits.findIndex(Number.isNaN));
  for (let id = k; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit < floor) continue;
    if (Number.isNaN(logit)) throw notANumber(id);
    reached.push(id);
    if (logit === floor) continue;
    let [low, high] = [1, k];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (top[middle]! < logit) low = middle + 1;
      else high = middle;
    }
    top.copyWithin(0, 1, low);
    top[low - 1] = logit;
    floor = top[0]!;
  }
  return Uint32Array.from(reached.filter((id) => logits[id]! >= floor));
}

function notANumber(id: number): Error {
  return new Error(`the model's logit for token ${id} is not a number: its weights are broken`);
}

/** If several tokens are tied at the crossing, lower ids come first. */
function cutToNucleus(weights: Float64Array, topP: number): void {
  const total = sum(weights);
  // All tokens below this together have less than 1 - topP, so topP is reached before the first of them: skip them.
  const negligible = ((1 - topP) * total) / weights.length;
  const ranked: number[] = [];
  for (let i = 0; i < weights.length; i++) if (weights[i]! > 0 && weights[i]! >= negligible) ranked.push(i);
  ranked.sort((a, b) => weights[b]! - weights[a]! || a - b);
  const chosen = new Map<number, number>();
  let mass = 0;
  for (const i of ranked) {
    if (mass >= topP * total) break;
    chosen.set(i, weights[i]!);
    mass += weights[i]!;
  }
  weights.fill(0);
  for (const [i, weight] of chosen) weights[i] = weight;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
