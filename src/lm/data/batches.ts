import { cutStream, type Cut, type DataOrder, type Piece } from './data-order.ts';
import { sourceAt } from './mix.ts';
import { permutation, randomAt, uniform } from '../random/random.ts';
import { lossMaskRound, readRound, type TokenStream } from './token-stream.ts';

export interface MixedStream {
  stream: TokenStream;
  /** share of the sequences, relative to the other weights; 0: only used if `weightsAt` says so */
  weight: number;
}

/** One sequence of a batch: `context` + 1 tokens from `start` on, or the pieces it is packed from. */
export interface Window {
  /** index in the mix */
  from: number;
  epoch: number;
  start: number;
  pieces: Piece[];
}

/**
 * Ids, [B, T] each; the label of a position is the token after it. `labelWeights` is 1 for a target that counts and 0
 * for padding and masked targets; present only if `masked`.
 */
export interface Batch {
  tokens: Int32Array;
  labels: Int32Array;
  labelWeights?: Float32Array;
}

export interface Batches {
  /** Number of windows in one pass over each stream. */
  windowsPerEpoch: number[];
  /** Whether a batch may have targets that do not count. */
  masked: boolean;
  /**
   * The sequences of the step that follows `step` finished steps. A pure function of seed and step, independent of
   * earlier calls.
   */
  windowsAt(step: number): Window[];
  /** Number of sequences that the first `step` steps took from each stream. */
  drawnBefore(step: number): number[];
  /** Passes of the first `step` steps over the streams that have a weight. */
  epochsBefore(step: number): number;
  /** Number of targets in the first `step` steps. Padded windows count as the mean number of targets per window. */
  targetsBefore(step: number): number;
  batchAt(step: number): Batch;
}

export interface BatchPlan {
  mix: MixedStream[];
  context: number;
  batchSize: number;
  seed: number;
  order?: DataOrder;
  /**
   * The weights for a step in pass `epoch` over the mix. The result for a step must not change after a call for a later
   * step.
   */
  weightsAt?(time: { step: number; epoch: number }): number[];
}

/**
 * Decides which tokens each step trains on.
 *
 * Each stream is cut into windows (`cutStream`). Each epoch uses each window once, in a different order. The stream of
 * the next sequence is drawn at random, by weight.
 */
export function planBatches({
  mix,
  context,
  batchSize,
  seed,
  order = { kind: 'anywhere' },
  weightsAt,
}: BatchPlan): Batches {
  const cuts = mix.map(({ stream }, lane): Cut => cutStream(stream, order, { context, seed, lane }));
  const windowsPerEpoch = cuts.map(({ windows }) => windows);
  const masked = cuts.some((cut) => cut.padded) || mix.some(({ stream }) => stream.lossMask !== undefined);
  const orders = mix.map(() => new Map<number, Uint32Array>());
  const constant = mix.map(({ weight }) => weight);
  let known = { step: 0, drawn: mix.map(() => 0) };

  function sources(step: number, drawn: number[]): number[] {
    const random = randomAt(seed, step, 'mix');
    const weights = weightsAt?.({ step, epoch: Math.floor(epochsOf(drawn)) }) ?? constant;
    return Array.from({ length: batchSize }, () => (mix.length === 1 ? 0 : sourceAt(weights, uniform(random))));
  }

  function drawnBefore(step: number): number[] {
    if (step < known.step) known = { step: 0, drawn: mix.map(() => 0) };
    for (; known.step < step; known.step++) for (const from of sources(known.step, known.drawn)) known.drawn[from]!++;
    return [...known.drawn];
  }

  function epochsOf(drawn: number[]): number {
    const sumOfMix = (values: number[]): number =>
      values.reduce((sum, value, index) => (mix[index]!.weight > 0 ? sum + value : sum), 0);
    return sumOfMix(drawn) / sumOfMix(windowsPerEpoch);
  }

  function targetsBefore(step: number): number {
    const targets = drawnBefore(step).map((drawn, from) =>
      cuts[from]!.padded ? Math.round((drawn * mix[from]!.stream.tokens) / windowsPerEpoch[from]!) : drawn * context,
    );
    return targets.reduce((sum, count) => sum + count, 0);
  }

  function windowOf(from: number, draw: number): Window {
    const epoch = Math.floor(draw / windowsPerEpoch[from]!);
    const window = orderOf(from, epoch)[draw % windowsPerEpoch[from]!]!;
    const pieces = cuts[from]!.piecesOf(epoch, window);
    return { from, epoch, start: pieces[0]!.start, pieces };
  }

  /** Caches the orders of the last two epochs, because a batch may begin in one and end in the next. */
  function orderOf(from: number, epoch: number): Uint32Array {
    const remembered = orders[from]!;
    const order = remembered.get(epoch) ?? permutation(randomAt(seed, epoch, 'order', from), windowsPerEpoch[from]!);
    remembered.set(epoch, order);
    if (remembered.size > 2) remembered.delete(remembered.keys().next().value!);
    return order;
  }

  function windowsAt(step: number): Window[] {
    const drawn = drawnBefore(step);
    return sources(step, drawn).map((from) => windowOf(from, drawn[from]!++));
  }

  function batchAt(step: number): Batch {
    const ids = batchSize * context;
    const batch: Batch = {
      tokens: new Int32Array(ids),
      labels: new Int32Array(ids),
      ...(masked ? { labelWeights: new Float32Array(ids) } : {}),
    };
    windowsAt(step).forEach(({ from, pieces }, row) => {
      let offset = row * context;
      for (const { start, targets } of pieces) {
        const read = readRound(mix[from]!.stream, start, targets + 1);
        batch.tokens.set(read.subarray(0, targets), offset);
        batch.labels.set(read.subarray(1), offset);
        batch.labelWeights?.set(lossMaskRound(mix[from]!.stream, start, targets + 1).subarray(1), offset);
        offset += targets;
      }
    });
    return batch;
  }

  return {
    windowsPerEpoch,
    masked,
    windowsAt,
    drawnBefore,
    epochsBefore: (step) => epochsOf(drawnBefore(step)),
    targetsBefore,
    batchAt,
  };
}
