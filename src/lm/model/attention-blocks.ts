import type { Precision } from '../ops/precision.ts';

/**
 * The rows of scores that attention computes together. In float32 it is one block: XLA compiles that program as a
 * whole, and would take twice as long over the many parts.
 */
export function attentionBlocks(T: number, precision: Precision): { start: number; end: number }[] {
  const rows = precision === 'bf16' && T >= 2 * BLOCK_ROWS ? BLOCK_ROWS : T;
  return Array.from({ length: Math.ceil(T / rows) }, (_, block) => ({
    start: block * rows,
    end: Math.min(T, (block + 1) * rows),
  }));
}

const BLOCK_ROWS = 256;
