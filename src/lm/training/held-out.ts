import { permutation, randomAt } from '../random/random.ts';
import type { TokenStream } from '../data/token-stream.ts';

/** `targets` tokens to predict, beginning with the one after `start`. */
export interface HeldOutWindow {
  start: number;
  targets: number;
}

/**
 * Adjacent windows, so that every token but the first is a target exactly once; the last window may be short. Empty for
 * fewer than two tokens.
 */
export function heldOutWindows(tokens: number, context: number): HeldOutWindow[] {
  const windows: HeldOutWindow[] = [];
  for (let start = 0; start < tokens - 1; start += context)
    windows.push({ start, targets: Math.min(context, tokens - 1 - start) });
  return windows;
}

/** A random choice of at most `limit` windows, in their order; the same seed makes the same choice. */
export function someWindows(windows: HeldOutWindow[], limit: number, seed: number): HeldOutWindow[] {
  if (windows.length <= limit) return windows;
  const chosen = permutation(randomAt(seed, 0, 'heldOut'), windows.length)
    .slice(0, limit)
    .sort();
  return Array.from(chosen, (index) => windows[index]!);
}

/**
 * The total loss of all targets, in nats. `lossesOf` returns the loss at each of `rows` x `context` positions; those
 * after a window's targets are padding and do not count. The sum is made in double precision and in the order of the
 * windows, so it is deterministic.
 */
export async function heldOutNats(options: {
  stream: TokenStream;
  windows: HeldOutWindow[];
  context: number;
  rows: number;
  lossesOf(batch: { tokens: Int32Array; labels: Int32Array }): Promise<Float32Array>;
  /** called with the losses of a window's targets, the first of which is the token at `start` + 1 */
  onWindow?(window: HeldOutWindow, losses: Float32Array): void;
  /** called after each batch with the number of finished windows */
  onProgress?(done: number): void;
}): Promise<{ nats: number; targets: number }> {
  const { stream, windows, context, rows } = options;
  let nats = 0;
  let targets = 0;
  for (let first = 0; first < windows.length; first += rows) {
    const batch = windows.slice(first, first + rows);
    const losses = await options.lossesOf(paddedBatch(stream, batch, rows, context));
    batch.forEach((window, row) => {
      for (let t = 0; t < window.targets; t++) nats += losses[row * context + t]!;
      targets += window.targets;
      options.onWindow?.(window, losses.subarray(row * context, row * context + window.targets));
    });
    options.onProgress?.(first + batch.length);
  }
  return { nats, targets };
}

function paddedBatch(
  stream: TokenStream,
  windows: HeldOutWindow[],
  rows: number,
  context: number,
): { tokens: Int32Array; labels: Int32Array } {
  const tokens = new Int32Array(rows * context);
  const labels = new Int32Array(rows * context);
  windows.forEach(({ start, targets }, row) => {
    const ids = Int32Array.from(stream.read(start, targets + 1));
    tokens.set(ids.subarray(0, targets), row * context);
    labels.set(ids.subarray(1), row * context);
  });
  return { tokens, labels };
}
