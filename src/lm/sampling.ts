import { type Random, uniform } from './random.ts';

/** How the next token is chosen, applied in this order: temperature, then top-k, then top-p. */
export interface SamplingSettings {
  /** divides the logits; 0 always takes the likeliest token, the first of equals */
  temperature: number;
  /** keep the k likeliest; tokens as likely as the k-th stay too. 0: all */
  topK: number;
  /** keep the likeliest until they hold this much probability; the token that crosses the mark stays, as in nshepperd's and Hugging Face's code. 1: all */
  topP: number;
}

/** Ids that may be drawn, ascending, and their probabilities, which sum to 1. */
export interface Candidates {
  ids: Uint32Array;
  probabilities: Float64Array;
}

/** The next token. `logits` are one row; what is drawn depends on them, the settings and one word of `random` (none at temperature 0). */
export function sampleToken(logits: Float32Array, settings: SamplingSettings, random: Random): number {
  if (settings.temperature === 0) return likeliest(logits);
  const weights = keptWeights(logits, settings);
  const point = uniform(random) * sum(weights);
  let passed = 0;
  let last = 0;
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue;
    passed += weights[id]!;
    if (point < passed) return id;
    last = id;
  }
  return last;
}

/** The distribution that `sampleToken` draws from. Throws if a logit is not a number. */
export function candidates(logits: Float32Array, settings: SamplingSettings): Candidates {
  if (settings.temperature === 0) return { ids: Uint32Array.of(likeliest(logits)), probabilities: Float64Array.of(1) };
  const weights = keptWeights(logits, settings);
  const total = sum(weights);
  const ids = Uint32Array.from(weights.keys()).filter((id) => weights[id]! > 0);
  return { ids, probabilities: Float64Array.from(ids, (id) => weights[id]! / total) };
}

// ---------------------------------------------------------------------------------------------------------------------

/** For each token its probability up to a common factor, 0 where a rule cuts it. Runs once a token, over the whole vocabulary. */
function keptWeights(logits: Float32Array, { temperature, topK, topP }: SamplingSettings): Float64Array {
  const best = logits[likeliest(logits)]!;
  const floor = topK > 0 && topK < logits.length ? kthLargest(logits, topK) : -Infinity;
  const weights = new Float64Array(logits.length);
  for (let id = 0; id < logits.length; id++) if (logits[id]! >= floor) weights[id] = Math.exp((logits[id]! - best) / temperature);
  if (topP < 1) cutToNucleus(weights, topP);
  return weights;
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    if (Number.isNaN(logits[id]!)) throw new Error(`the model's logit for token ${id} is not a number: its weights are broken`);
    if (logits[id]! > logits[best]!) best = id;
  }
  return best;
}

/** Keeps the k largest so far in ascending order; past the first few, hardly any logit gets in. */
function kthLargest(logits: Float32Array, k: number): number {
  const top = logits.slice(0, k).sort();
  for (let id = k; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit <= top[0]!) continue;
    let place = 1;
    while (place < k && top[place]! < logit) place++;
    top.copyWithin(0, 1, place);
    top[place - 1] = logit;
  }
  return top[0]!;
}

/** Of equals at the crossing, the lower id comes first. */
function cutToNucleus(weights: Float64Array, topP: number): void {
  const total = sum(weights);
  // Tokens below this hold less than 1 - topP together, so the mark is passed before the first of them: no need to sort them in.
  const negligible = ((1 - topP) * total) / weights.length;
  const ranked: number[] = [];
  for (let id = 0; id < weights.length; id++) if (weights[id]! > 0 && weights[id]! >= negligible) ranked.push(id);
  ranked.sort((a, b) => weights[b]! - weights[a]! || a - b);
  const kept = new Map<number, number>();
  let mass = 0;
  for (const id of ranked) {
    if (mass >= topP * total) break;
    kept.set(id, weights[id]!);
    mass += weights[id]!;
  }
  weights.fill(0);
  for (const [id, weight] of kept) weights[id] = weight;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
