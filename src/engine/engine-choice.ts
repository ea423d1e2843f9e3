import { availableParallelism } from 'node:os';
import { chosenDevice } from './device.ts';
import type { Device } from './tensorflow/install/system.ts';

export interface EngineChoice {
  engine: 'tensorflow' | 'tfjs';
  /** threads inside one op; TensorFlow only */
  threads: number;
  /** compile with XLA, rather than running the graph op by op; TensorFlow only */
  xla: boolean;
  /** TensorFlow only; default: the CPU */
  device?: Device;
  /** 512-bit vectors in XLA's programs for the CPU, which make memory-bound programs faster */
  wideVectors?: boolean;
}

/**
 * What a stage's `engine` and `precision` params mean on this machine. Threads and compiler change bits, so they are in
 * the key; they are not in the YAML. XLA is faster in fp32. In bf16 on a CPU, XLA's matrix products are slow, so the
 * graph runs op by op, with oneDNN's.
 */
export function engineChoice(engine: EngineChoice['engine'], precision: 'fp32' | 'bf16' = 'fp32'): EngineChoice {
  const device = chosenDevice();
  return { engine, threads: availableParallelism(), xla: precision === 'fp32' || device === 'gpu', device };
}
