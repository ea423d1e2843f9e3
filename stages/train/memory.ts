import { availableMemory } from '../../src/engine/available-memory.ts';
import { chosenDevice } from '../../src/engine/device.ts';
import { estimatedPeakBytes, type MemoryShape, memoryParts } from '../../src/lm/training/memory-estimate.ts';
import { layoutOf } from '../../src/lm/model/layouts.ts';
import { memoryPerWeight } from '../../src/lm/optimizer/memory-per-weight.ts';
import { StageInputError } from '../../src/pipeline/stage-kind.ts';
import { gradientOptions } from './params/memory.ts';
import type { Context, Params } from './params/params.ts';

/**
 * Reports how much memory training will need. Throws, before any work, if there is too little, with settings that would
 * fit. Only warns if the shortage is within the 15 % error of the estimate. Does not check the memory of a GPU.
 */
export function checkMemory(
  { params, emit }: Context,
  available = chosenDevice() === 'gpu' ? null : availableMemory(),
): void {
  if (params.engine !== 'tensorflow') return;
  const shape = memoryShape(params);
  const needed = estimatedPeakBytes(shape);
  const parts = Object.entries(memoryParts(shape)).map(([name, bytes]) => `${name} ${gigabytes(bytes)}`);
  emit({ kind: 'note', text: `memory: about ${gigabytes(needed)} GB at the peak (${parts.join(', ')})` });
  if (available === null || needed <= available) return;
  const shortage = `training needs about ${gigabytes(needed)} GB of memory, but ${gigabytes(available)} GB are free`;
  if (needed * 0.85 <= available) return emit({ kind: 'warning', text: `${shortage}; it may not fit` });
  throw new StageInputError(shortage, settingsThatFit(params, available));
}

/** The params that determine how much memory training needs. */
export function memoryShape({ model, batchSize, optimizer, accumulate, ...params }: Params): MemoryShape {
  return {
    model: layoutOf(model),
    batchSize,
    memoryPerWeight: memoryPerWeight(optimizer),
    accumulates: accumulate > 1,
    ...gradientOptions(params),
  };
}

/** Tries each change alone, mildest first; then the first two together, the first three, and so on. */
function settingsThatFit(params: Params, available: number): string {
  const { model, batchSize, accumulate } = params;
  const sgd = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0, clip: 1 } as const;
  const changes: [string, Partial<Params>][] = [
    ['recompute: blocks', { recompute: 'blocks' }],
    ['lossRows: 1024', { lossRows: 1024 }],
    ...(batchSize > 1
      ? [
          [
            `batchSize: 1 with accumulate: ${batchSize * accumulate}`,
            { batchSize: 1, accumulate: batchSize * accumulate },
          ] as [string, Partial<Params>],
        ]
      : []),
    [
      'optimizer: { kind: adafactor }',
      {
        optimizer: { kind: 'adafactor', decayPower: 0.8, updateClip: 1, scaleByWeight: false, weightDecay: 0, clip: 1 },
      },
    ],
    [`model.context: ${Math.ceil(model.context / 2)}`, { model: { ...model, context: Math.ceil(model.context / 2) } }],
    ['optimizer: { kind: sgd, momentum: 0 }', { optimizer: sgd }],
  ];
  const fits = (change: Partial<Params>): boolean =>
    estimatedPeakBytes(memoryShape({ ...params, ...change })) <= available;
  const alone = changes.filter(([, change]) => fits(change)).map(([text]) => text);
  if (alone.length > 0) return `any one of these would make it fit: ${alone.join('; ')}`;
  for (let last = 2; last <= changes.length; last++) {
    const together = changes.slice(0, last);
    if (fits(Object.assign({}, ...together.map(([, change]) => change)) as Partial<Params>))
      return `these together would make it fit: ${together.map(([text]) => text).join('; ')}`;
  }
  return 'choose a smaller model or a machine with more memory';
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(bytes < 1e9 ? 2 : 1);
}
