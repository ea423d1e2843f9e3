import { chosenDevice } from '../../engine/device.ts';
import {
  findTensorFlow,
  installSize,
  installTensorFlow,
  notInstalled,
} from '../../engine/tensorflow/install/install.ts';
import { type Device, systemVersions, whyNotInstallable } from '../../engine/tensorflow/install/system.ts';
import { progressLines } from '../screen/progress-lines.ts';
import { UserError } from '../../pipeline/diagnostic/user-error.ts';

/**
 * Installs TensorFlow's two libraries if they are missing, once for all checkouts of this user. The build for GPUs is
 * so large that only `runner setup --gpu` installs it.
 */
export async function prepareEngine(say: (text: string) => void): Promise<void> {
  const device = chosenDevice();
  if (findTensorFlow(device)) return;
  if (device === 'gpu') throw new UserError(notInstalled(device));
  await fetchEngine(device, say);
}

export async function fetchEngine(device: Device, say: (text: string) => void): Promise<void> {
  const why = whyNotInstallable(process, device, await systemVersions());
  if (why !== null) throw new UserError(why);
  const { wheelBytes, unpackedBytes } = installSize(device);
  say(
    `installing TensorFlow 2.21.0${device === 'gpu' ? ' for GPUs, with CUDA 12' : ''} (once): ${sizeText(wheelBytes)} to download with pip, ${sizeText(unpackedBytes)} on disk in the cache folder`,
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
