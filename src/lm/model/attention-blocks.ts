import type { Precision } from '../ops/precision.ts';

/**
 * The blocks of rows of scores that attention computes. Float32 uses one block: XLA compiles that program as a whole,
 * and compiling many blocks would take twice as long.
 */
export function attentionBlocks(T: number, precision: Precision): { start: number; end: number }[] {
  const rows = precision === 'bf16' && T >= 2 * BLOCK_ROWS ? BLOCK_ROWS : T;
  return Array.from({ length: Math.ceil(T / rows) }, (_, block) => ({
    start: block * rows,
    end: Math.min(T, (block + 1) * rows),
  }));
}

const BLOCK_ROWS = 256;
