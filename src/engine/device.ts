import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTensorFlow } from './tensorflow/install/install.ts';
import type { Device } from './tensorflow/install/system.ts';

/**
 * The device of `RUNNER_DEVICE`. It belongs to the machine, so it is not in the YAML; it changes bits, so it is in the
 * key. The default, `auto`, is the GPU if there is a card and `runner setup --gpu` has been run, otherwise the CPU.
 */
export function chosenDevice(root = '/'): Device {
  const device = process.env['RUNNER_DEVICE'] || 'auto';
  switch (device) {
    case 'cpu':
    case 'gpu':
      return device;
    case 'auto':
      return !process.env['RUNNER_TENSORFLOW'] && hasCard(root) && findTensorFlow('gpu') ? 'gpu' : 'cpu';
    default:
      throw new Error(`RUNNER_DEVICE is "${device}"; it can be cpu, gpu or auto`);
  }
}

/** The models of this machine's NVIDIA cards, as their driver names them; empty if it does not list them. */
export function cardModels(root = '/'): string[] {
  const dir = join(root, CARDS);
  return directoryEntries(dir).flatMap(
    (card) => /^Model:\s*(.*\S)/m.exec(fileText(join(dir, card, 'information')))?.[1] ?? [],
  );
}

/** Whether there is a card with a driver. /dev/dxg exists in the Windows Subsystem for Linux. */
function hasCard(root: string): boolean {
  return (
    directoryEntries(join(root, CARDS)).length > 0 ||
    ['dev/nvidia0', 'dev/dxg'].some((path) => existsSync(join(root, path)))
  );
}

const CARDS = 'proc/driver/nvidia/gpus';

function directoryEntries(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

function fileText(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
