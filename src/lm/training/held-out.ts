import { permutation, randomAt } from '../random/random.ts';
import type { TokenStream } from '../data/token-stream.ts';

/** `targets` tokens to predict, from the one after `start` on. */
export interface HeldOutWindow {
  start: number;
  targets: number;
}

/**
 * Windows side by side, so that every token but the first is a target exactly once; the last may be short. Empty under
 * two tokens.
 */
export function heldOutWindows(tokens: number, context: number): HeldOutWindow[] {
  const windows: HeldOutWindow[] = [];
  for (let start = 0; start < tokens - 1; start += context)
    windows.push({ start, targets: Math.min(context, tokens - 1 - start) });
  return windows;
}

/** At most `limit` of them, always the same for one seed, in their own order. */
export function someWindows(windows: HeldOutWindow[], limit: number, seed: number): HeldOutWindow[] {
  if (windows.length <= limit) return windows;
  const chosen = permutation(randomAt(seed, 0, 'heldOut'), windows.length)
    .slice(0, limit)
    .sort();
  return Array.from(chosen, (place) => windows[place]!);
}

/**
 * The surprise of all targets together, in nats. `lossesOf` gives the loss at each of `rows` x `context` places; those
 * beyond a window's targets are padding and do not count. Summed in double precision in the windows' order, so the sum
 * has no luck in it.
 */
export async function heldOutNats(options: {
  stream: TokenStream;
  windows: HeldOutWindow[];
  context: number;
  rows: number;
  lossesOf(batch: { tokens: Int32Array; labels: Int32Array }): Promise<Float32Array>;
  /** called with the losses of a window's targets, of the tokens from `start` + 1 on */
  onWindow?(window: HeldOutWindow, losses: Float32Array): void;
  /** called after each batch with the number of windows behind it */
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
