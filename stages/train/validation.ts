import type { Program } from '../../src/engine/engine.ts';
import { heldOutNats, heldOutWindows, someWindows } from '../../src/lm/training/held-out.ts';
import { newLossTally } from '../../src/lm/training/loss-tally.ts';
import { StageStopped } from '../../src/pipeline/stage-kind.ts';
import type { Input } from './inputs.ts';
import type { Params } from './params/params.ts';

export type Validated = Input & { windows: ReturnType<typeof heldOutWindows> };

export function validationWindows(
  { validation }: Input,
  { model, validationBatches, batchSize, seed }: Params,
): ReturnType<typeof heldOutWindows> {
  return someWindows(heldOutWindows(validation.tokens, model.context), validationBatches * batchSize, seed);
}

/**
 * Mean loss over the held-out windows of each input. `mean` is the weighted mean over the inputs of the mix, or null if
 * none of them has held-out text. `classes` are means over the tokens of each class. Throws StageStopped before the
 * next batch if the signal fires.
 */
export async function validationLoss(
  program: Program,
  inputs: Validated[],
  { model, batchSize }: Params,
  { signal, onProgress }: { signal: AbortSignal; onProgress(done: number, total: number): void },
) {
  const measured = inputs.filter(({ windows }) => windows.length > 0);
  const total = measured.reduce((sum, { windows }) => sum + windows.length, 0);
  const metrics: Record<string, number> = {};
  const tally = newLossTally();
  let weighted = 0;
  let weights = 0;
  let before = 0;
  for (const { name, weight, validation, windows } of measured) {
    const { nats, targets } = await heldOutNats({
      stream: validation,
      windows,
      context: model.context,
      rows: batchSize,
      lossesOf: async (batch) => {
        if (signal.aborted) throw new StageStopped();
        return (await program.call(batch))['losses']!;
      },
      onWindow: ({ start, targets: count }, losses) =>
        weight > 0 && tally.add(validation.labels(start + 1, count), losses),
      onProgress: (done) => onProgress(before + done, total),
    });
    before += windows.length;
    weighted += (weight * nats) / targets;
    weights += weight;
    if (inputs.length > 1) metrics[`eval/loss/${name}`] = nats / targets;
  }
  if (weights === 0) return { mean: null, metrics, classes: {} };
  return {
    mean: weighted / weights,
    metrics: { 'eval/loss': weighted / weights, ...metrics },
    classes: tally.means([]).classes,
  };
}
