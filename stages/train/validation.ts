import type { Program } from '../../src/engine/engine.ts';
import { heldOutNats, heldOutWindows, someWindows } from '../../src/lm/held-out.ts';
import type { Input } from './inputs.ts';
import type { Params } from './params.ts';

export type Validated = Input & { windows: ReturnType<typeof heldOutWindows> };

export function validationWindows({ validation }: Input, { model, validationBatches, batchSize, seed }: Params): ReturnType<typeof heldOutWindows> {
  return someWindows(heldOutWindows(validation.tokens, model.context), validationBatches * batchSize, seed);
}

/** The mean over each input's held-out windows, and over the inputs by their weight in the mix; null if nothing is held out. */
export async function validationLoss(program: Program, inputs: Validated[], { model, batchSize }: Params, onProgress: (done: number, total: number) => void) {
  const measured = inputs.filter(({ windows }) => windows.length > 0);
  if (measured.length === 0) return null;
  const total = measured.reduce((sum, { windows }) => sum + windows.length, 0);
  const metrics: Record<string, number> = {};
  let weighted = 0;
  let weights = 0;
  let before = 0;
  for (const { name, weight, validation, windows } of measured) {
    const { nats, targets } = await heldOutNats({
      stream: validation,
      windows,
      context: model.context,
      rows: batchSize,
      lossesOf: async (batch) => (await program.call(batch))['losses']!,
      onProgress: (done) => onProgress(before + done, total),
    });
    before += windows.length;
    weighted += (weight * nats) / targets;
    weights += weight;
    if (inputs.length > 1) metrics[`eval/loss/${name}`] = nats / targets;
  }
  return { mean: weighted / weights, metrics: { 'eval/loss': weighted / weights, ...metrics } };
}
