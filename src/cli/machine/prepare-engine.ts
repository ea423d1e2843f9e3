import { chosenDevice } from '../../engine/device.ts';
import {
  type Device,
  findTensorFlow,
  installSize,
  installTensorFlow,
  notInstalled,
} from '../../engine/tensorflow/install/install.ts';
import { progressLines } from '../screen/progress-lines.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';

/**
 * Gets TensorFlow's two libraries if they are not there yet: once, shared by every checkout of this user. The gigabytes
 * of the build for GPUs only come by `runner setup --gpu`.
 */
export async function prepareEngine(say: (text: string) => void): Promise<void> {
  const device = chosenDevice();
  if (findTensorFlow(device)) return;
  if (device === 'gpu') throw new UserError(notInstalled(device));
  await fetchEngine(device, say);
}

export async function fetchEngine(device: Device, say: (text: string) => void): Promise<void> {
  const { wheelBytes, unpackedBytes } = installSize(device);
  say(
    `TensorFlow 2.21.0${device === 'gpu' ? ' for GPUs, with CUDA 12,' : ''} is needed once: ${sizeText(wheelBytes)} come through pip, ${sizeText(unpackedBytes)} go into the cache folder`,
  );
  const progress = progressLines(process.stderr);
  try {
    await installTensorFlow(progress.update, device);
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  } finally {
    progress.close();
  }
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
