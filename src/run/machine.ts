import { readdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Capacity } from '../pipeline/needs.ts';

/** What this machine has to give. CUDA_VISIBLE_DEVICES, where it is set, says which devices are ours. */
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

/** The driver has a folder for each device; asking it costs nothing where there is none. */
function nvidiaDevices(): string[] {
  try {
    return readdirSync('/proc/driver/nvidia/gpus').map((_, index) => String(index));
  } catch {
    return [];
  }
}
