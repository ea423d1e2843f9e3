import { candidates, sampleToken, type SamplingSettings } from '../lm/generation/sampling.ts';
import { randomAt, uniform } from '../lm/random/random.ts';
import type { Transcript } from './transcript.ts';

/** How the model's words are drawn. Each draw depends on the seed, its place in the transcript, and the lane. */
export interface Drawing extends SamplingSettings {
  seed: number;
  /** another lane draws other words in the same place */
  lane: number;
}

/** Draws the next token; `bar` sets the logits of those that must not come to -Infinity. */
export async function drawToken(
  transcript: Transcript,
  drawing: Drawing,
  bar: (logits: Float32Array) => void,
): Promise<number> {
  const logits = await transcript.logits();
  bar(logits);
  return sampleToken(logits, drawing, randomAt(drawing.seed, transcript.length(), 'chat', drawing.lane));
}

/** One of several continuations, by its tokens. */
export interface Continuation<Value> {
  ids: number[];
  value: Value;
}

/**
 * Draws one of a few continuations and adds it to the transcript. The model decides token by token, and only between
 * tokens with which one of them goes on, so nothing else can be written. At least one is expected, and none may begin
 * like another. Top-k and top-p do not apply: they would hide a person whom the model finds unlikely.
 */
export async function drawContinuation<Value>(
  transcript: Transcript,
  continuations: Continuation<Value>[],
  drawing: Drawing,
): Promise<Value> {
  let left = continuations;
  let done = 0;
  for (;;) {
    const [first] = left;
    const forced = left.length === 1 ? first!.ids.length - done : commonLength(left, done);
    if (forced > 0) await transcript.add(first!.ids.slice(done, done + forced));
    done += forced;
    if (left.length === 1) return first!.value;
    const next = [...new Set(left.map(({ ids }) => ids[done]!))];
    const logits = await transcript.logits();
    const listed = next.map((id) => logits[id]!);
    const drawn = next[drawIndex(listed, transcript.length(), drawing)];
    left = left.filter(({ ids }) => ids[done] === drawn);
  }
}

/** Draws one of a few logits, by its index. */
export function drawIndex(logits: number[], place: number, { temperature, seed, lane }: Drawing): number {
  const { ids, probabilities } = candidates(Float32Array.from(logits), { temperature, topK: 0, topP: 1 });
  let point = uniform(randomAt(seed, place, 'chat', lane));
  return ids.at(probabilities.findIndex((probability) => (point -= probability) < 0))!;
}

/** The logit of one of them coming, whichever. */
export function logSumExp(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}

// ---------------------------------------------------------------------------

/** How many tokens all of them share from `done` on. */
function commonLength(left: { ids: number[] }[], done: number): number {
  const { ids } = left[0]!;
  let end = done;
  while (end < ids.length && left.every((other) => other.ids[end] === ids[end])) end++;
  return end - done;
}
