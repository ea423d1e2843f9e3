import { below, permutation, randomAt, uniform } from './random.ts';
import { readRound, type TokenStream } from './token-stream.ts';

export interface MixedStream {
  stream: TokenStream;
  /** share of the sequences, relative to the other weights */
  weight: number;
}

/** One sequence of a batch: `context` + 1 tokens from `start` on. */
export interface Window {
  /** place in the mix */
  from: number;
  epoch: number;
  start: number;
}

export interface Batches {
  /** Windows in one pass over each stream. */
  windowsPerEpoch: number[];
  /** The sequences of the step that follows `step` finished ones: a pure function of seed and step, whatever was asked before. */
  windowsAt(step: number): Window[];
  /** Sequences that the first `step` steps took from each stream. */
  drawnBefore(step: number): number[];
  /** The same windows as ids, [B, T] each, the labels one token further on. */
  batchAt(step: number): { tokens: Int32Array; labels: Int32Array };
}

/**
 * Which tokens each step trains on.
 *
 * Each stream is a ring (it ends with a separator, so its beginning may follow), cut into windows that lie `context` apart: in one epoch
 * no target comes twice, and all but the last `tokens mod context` come once. Every epoch cuts at another place and has another order.
 * Which stream the next sequence comes from is drawn by weight. Every stream must hold more than `context` tokens.
 */
export function planBatches({ mix, context, batchSize, seed }: { mix: MixedStream[]; context: number; batchSize: number; seed: number }): Batches {
  const windowsPerEpoch = mix.map(({ stream }) => Math.floor(stream.tokens / context));
  const orders = mix.map(() => new Map<number, Uint32Array>());
  let known = { step: 0, drawn: mix.map(() => 0) };

  function sources(step: number): number[] {
    const random = randomAt(seed, step, 'mix');
    return Array.from({ length: batchSize }, () => (mix.length === 1 ? 0 : weightedChoice(mix, uniform(random))));
  }

  function drawnBefore(step: number): number[] {
    if (step < known.step) known = { step: 0, drawn: mix.map(() => 0) };
    for (; known.step < step; known.step++) for (const from of sources(known.step)) known.drawn[from]!++;
    return [...known.drawn];
  }

  function windowOf(from: number, draw: number): Window {
    const { tokens } = mix[from]!.stream;
    const epoch = Math.floor(draw / windowsPerEpoch[from]!);
    const place = orderOf(from, epoch)[draw % windowsPerEpoch[from]!]!;
    const phase = below(randomAt(seed, epoch, 'phase', from), tokens);
    return { from, epoch, start: (phase + place * context) % tokens };
  }

  /** Remembers the newest two epochs, for a batch may reach from one into the next. */
  function orderOf(from: number, epoch: number): Uint32Array {
    const remembered = orders[from]!;
    const order = remembered.get(epoch) ?? permutation(randomAt(seed, epoch, 'order', from), windowsPerEpoch[from]!);
    remembered.set(epoch, order);
    if (remembered.size > 2) remembered.delete(remembered.keys().next().value!);
    return order;
  }

  function windowsAt(step: number): Window[] {
    const drawn = drawnBefore(step);
    return sources(step).map((from) => windowOf(from, drawn[from]!++));
  }

  function batchAt(step: number): { tokens: Int32Array; labels: Int32Array } {
    const tokens = new Int32Array(batchSize * context);
    const labels = new Int32Array(batchSize * context);
    windowsAt(step).forEach(({ from, start }, row) => {
      const ids = readRound(mix[from]!.stream, start, context + 1);
      tokens.set(ids.subarray(0, context), row * context);
      labels.set(ids.subarray(1), row * context);
    });
    return { tokens, labels };
  }

  return { windowsPerEpoch, windowsAt, drawnBefore, batchAt };
}

function weightedChoice(mix: MixedStream[], point: number): number {
  const total = mix.reduce((sum, { weight }) => sum + weight, 0);
  let passed = 0;
  for (let from = 0; from < mix.length - 1; from++) {
    passed += mix[from]!.weight / total;
    if (point < passed) return from;
  }
  return mix.length - 1;
}
