import { readdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Capacity } from '../pipeline/needs.ts';

/** The cores, memory and GPUs of this machine. CUDA_VISIBLE_DEVICES, if set, limits the GPUs. */
export function machineCapacity(): Capacity {
  const visible = process.env['CUDA_VISIBLE_DEVICES'];
  const gpus =
    visible === undefined
      ? nvidiaDevices()
      : visible
          .split(',')
          .map((id) => id.trim())
          .filter(Boolean);
  return { cpu: availableParallelism(), memory: totalmem() / 1e9, gpus };
}

/** The driver has one folder per device. Reading it is cheap, even on machines without a GPU. */
function nvidiaDevices(): string[] {
  try {
    return readdirSync('/proc/driver/nvidia/gpus').map((_, index) => String(index));
  } catch {
    return [];
  }
}
