import { availableParallelism } from 'node:os';
import { chosenDevice } from './device.ts';
import type { Device } from './tensorflow/install/install.ts';

export interface EngineChoice {
  engine: 'tensorflow' | 'tfjs';
  /** threads inside one op; TensorFlow only */
  threads: number;
  /** compile with XLA, rather than running the graph op by op; TensorFlow only */
  xla: boolean;
  /** where it computes; TensorFlow only, the CPU if left out */
  device?: Device;
  /** vectors of 512 bits in XLA's programs for the CPU: they pay where a program waits for memory */
  wideVectors?: boolean;
}

/**
 * What a stage's `engine` and `precision` params mean on this machine. Threads and compiler change bits: they are in
 * the key, not in the YAML. In fp32 XLA is the faster compiler; on a CPU it has no bfloat16 matrix products to speak
 * of, and oneDNN's are in the graph's ops.
 */
export function engineChoice(engine: EngineChoice['engine'], precision: 'fp32' | 'bf16' = 'fp32'): EngineChoice {
  const device = chosenDevice();
  return { engine, threads: availableParallelism(), xla: precision === 'fp32' || device === 'gpu', device };
}
