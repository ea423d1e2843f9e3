import { type Random, uniform } from '../random/random.ts';

/** How the next token is chosen, applied in this order: temperature, then top-k, then top-p. */
export interface SamplingSettings {
  /** divides the logits; 0 always takes the likeliest token, the first of equals */
  temperature: number;
  /** keep the k likeliest; tokens as likely as the k-th stay too. 0: all */
  topK: number;
  /**
   * keep the likeliest until they hold this much probability; the token that crosses the mark stays, as in nshepperd's
   * and Hugging Face's code. 1: all
   */
  topP: number;
}

/** Ids that may be drawn, ascending, and their probabilities, which sum to 1. */
export interface Candidates {
  ids: Uint32Array;
  probabilities: Float64Array;
}

/**
 * The next token. `logits` are one row; what is drawn depends on them, the settings and one word of `random` (none at
 * temperature 0).
 */
export function sampleToken(logits: Float32Array, settings: SamplingSettings, random: Random): number {
  if (settings.temperature === 0) return likeliest(logits);
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
  if (settings.temperature === 0) return { ids: Uint32Array.of(likeliest(logits)), probabilities: Float64Array.of(1) };
  const { ids, weights } = kept(logits, settings);
  const total = sum(weights);
  const places = Uint32Array.from(weights.keys()).filter((i) => weights[i]! > 0);
  return { ids: places.map((i) => idAt(ids, i)), probabilities: Float64Array.from(places, (i) => weights[i]! / total) };
}

/**
 * Makes what a text has already said less likely: its logit is divided by `penalty` if positive, multiplied if
 * negative, once however often it was said. Source: Keskar and others, «CTRL», 2019, 4.1, and the sign rule of Hugging
 * Face, as a bare division would favour what is unlikely. Changes `logits`; 1 changes nothing.
 */
export function penalizeRepetition(logits: Float32Array, said: Iterable<number>, penalty: number): void {
  if (penalty === 1) return;
  for (const id of new Set(said)) logits[id] = logits[id]! > 0 ? logits[id]! / penalty : logits[id]! * penalty;
}

// ---------------------------------------------------------------------------------------------------------------------

/**
 * What no rule has cut: ids in ascending order, null where that is all of them, and their probabilities up to a common
 * factor.
 */
interface Kept {
  ids: Uint32Array | null;
  weights: Float64Array;
}

const idAt = (ids: Uint32Array | null, place: number): number => (ids === null ? place : ids[place]!);

/** Runs once a token, over the whole vocabulary. */
function kept(logits: Float32Array, { temperature, topK, topP }: SamplingSettings): Kept {
  const ids = topK > 0 && topK < logits.length ? largest(logits, topK) : null;
  const values = ids === null ? logits : Float32Array.from(ids, (id) => logits[id]!);
  const best = values[likeliest(values)]!;
  const weights = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) weights[i] = Math.exp((values[i]! - best) / temperature);
  if (topP < 1) cutToNucleus(weights, topP);
  return { ids, weights };
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let id = 0; id < logits.length; id++) {
    if (Number.isNaN(logits[id]!)) throw notANumber(id);
    if (logits[id]! > logits[best]!) best = id;
  }
  return best;
}

/**
 * Ids of the k largest and of those equal to the k-th, ascending. One pass, without sorting: past the first few hundred
 * hardly any logit exceeds the k-th so far, and only those that reached it when they came can belong to the result.
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

/** Of equals at the crossing, the lower id comes first. */
function cutToNucleus(weights: Float64Array, topP: number): void {
  const total = sum(weights);
  // Tokens below this hold less than 1 - topP together, so the mark is passed before the first of them: no need to sort them in.
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
