import type { BlockMemory, ModelConfig } from '../architecture.ts';
import { attentionBlocks } from '../attention-blocks.ts';
import type { Precision } from '../../ops/precision.ts';

export function blockMemory(
  { heads, width: C, context: T }: ModelConfig,
  { batchSize, precision }: { batchSize: number; precision: Precision },
): BlockMemory {
  const N = batchSize * T;
  const half = precision === 'bf16';
  const scores =
    batchSize * heads * attentionBlocks(T, precision).reduce((sum, { start, end }) => sum + (end - start) * end, 0);
  return {
    kept: N * C * (half ? fitted.rowBf16 : fitted.rowFp32) + scores * (half ? fitted.scoreBf16 : fitted.scoreFp32),
    working:
      N * C * (half ? fitted.workingRowBf16 : fitted.workingRowFp32) + scores * fitted.workingScore * (half ? 0.5 : 1),
  };
}

/** Bytes per number of a row [C] and of the scores [T, T] of a head, fitted to measured peaks of training runs. */
const fitted = {
  rowFp32: 49,
  rowBf16: 39,
  scoreFp32: 2.4,
  scoreBf16: 3,
  workingRowFp32: 107,
  workingRowBf16: 163,
  workingScore: 32,
};
