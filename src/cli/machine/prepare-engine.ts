import { chosenDevice } from '../../engine/device.ts';
import {
  type Device,
  findTensorFlow,
  installSize,
  installTensorFlow,
  notInstalled,
} from '../../engine/tensorflow/install/install.ts';
import { clock } from '../screen/durations.ts';

/**
 * Gets TensorFlow's two libraries if they are not there yet: once, shared by every checkout of this user. The gigabytes
 * of the build for GPUs only come by `runner setup --gpu`.
 */
export async function prepareEngine(say: (text: string) => void): Promise<void> {
  const device = chosenDevice();
  if (findTensorFlow(device)) return;
  if (device === 'gpu') throw engineMissing(notInstalled(device));
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
    throw engineMissing((error as Error).message, error);
  } finally {
    progress.close();
  }
}

function engineMissing(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name: 'EngineMissing' });
}

function sizeText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

// ---------------------------------------------------------------------------

/** One line that is redrawn on a terminal; one plain line every ten seconds elsewhere. */
export function progressLines(stream: NodeJS.WriteStream): {
  update(done: number, total: number, phase: string): void;
  close(): void;
} {
  const live = stream.isTTY;
  let phaseStarted = { phase: '', at: 0, done: 0 };
  let lastShown = 0;
  return {
    update(done, total, phase) {
      const now = Date.now();
      if (phase !== phaseStarted.phase) phaseStarted = { phase, at: now, done };
      else if (now - lastShown < (live ? 200 : 10_000)) return;
      lastShown = now;
      const moved = done - phaseStarted.done;
      const elapsed = now - phaseStarted.at;
      const megabytes = (value: number): string => (value / 1e6).toFixed(0);
      const rate =
        elapsed > 300 && moved > 0
          ? ` · ${(moved / 1000 / elapsed).toFixed(1)} MB/s · ETA ${clock((elapsed / moved) * (total - done))}`
          : '';
      const amount = total > 0 ? ` ${megabytes(done)}/${megabytes(total)} MB${rate}` : '';
      stream.write(live ? `\r\x1b[K${phase}${amount}` : `${phase}${amount}\n`);
    },
    close: () => void (live && stream.write('\r\x1b[K')),
  };
}
