import { publishedDir } from '../../artifacts/given-weights/published-weights.ts';
import { weightFiles } from '../../artifacts/given-weights/weight-files.ts';
import { availableMemory } from '../../engine/available-memory.ts';
import { chosenDevice } from '../../engine/device.ts';
import { estimatedPeakBytes } from '../../lm/training/memory-estimate.ts';
import type { Json } from '../../pipeline/yaml/tree.ts';
import { memoryShape } from '../../../stages/train/memory.ts';
import type { Params } from '../../../stages/train/params/params.ts';
import { weightsDir } from '../../../stages/train/start/weights-dir.ts';
import { FINE_TUNED, type Candidate } from './candidates.ts';
import { paramsWithDefaults } from './stage-here.ts';

/** The params with which a step is timed. The weights of a start change nothing in its time. */
export function paramsOf({ model, batchSize, peak }: Candidate): { [key: string]: Json } {
  return paramsWithDefaults('train', {
    model,
    batchSize,
    steps: 1000,
    schedule: { kind: 'cosine', peak, floor: peak / 10, warmupSteps: 0 },
  });
}

/** Whether training fits into the memory that is free. */
export function hasMemory(candidate: Candidate): boolean {
  const free = chosenDevice() === 'gpu' ? null : availableMemory();
  return free === null || estimatedPeakBytes(memoryShape(paramsOf(candidate) as unknown as Params)) <= free;
}

/** Whether the weights that fine-tuning starts from are on this machine. */
export function hasWeights(): boolean {
  const dir = publishedDir(weightsDir(), FINE_TUNED.init!);
  try {
    return weightFiles(dir).length > 0;
  } catch {
    return false; // not there, or not complete
  }
}
