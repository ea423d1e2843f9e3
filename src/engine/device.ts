import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Device, findTensorFlow } from './tensorflow/install/install.ts';

/**
 * `RUNNER_DEVICE`: a machine's business, so not in the YAML; but in the key, for it changes bits. `auto`, which is also
 * what nothing said means: the GPU where there is a card and `runner setup --gpu` has been run, else the CPU.
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

/** The models of this machine's NVIDIA cards, as their driver names them; empty where it does not say. */
export function cardModels(root = '/'): string[] {
  const dir = join(root, CARDS);
  return entriesOf(dir).flatMap((card) => /^Model:\s*(.*\S)/m.exec(textOf(join(dir, card, 'information')))?.[1] ?? []);
}

/** A card with its driver; the last of the three is Windows's subsystem for Linux. */
function hasCard(root: string): boolean {
  return (
    entriesOf(join(root, CARDS)).length > 0 || ['dev/nvidia0', 'dev/dxg'].some((path) => existsSync(join(root, path)))
  );
}

const CARDS = 'proc/driver/nvidia/gpus';

function entriesOf(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
