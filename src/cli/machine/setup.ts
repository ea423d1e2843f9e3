import { calledAs } from '../../files/called-as.ts';
import { cardModels } from '../../engine/device.ts';
import { findTensorFlow } from '../../engine/tensorflow/install/install.ts';
import { findMlflow } from '../../tracking/server/mlflow-install.ts';
import { UsageError } from '../verb.ts';
import { fetchEngine } from './prepare-engine.ts';
import { setupWeights } from './setup-weights.ts';

interface SetupArguments {
  what: 'mlflow' | 'weights' | null;
  /** of the weights */
  size: string | null;
  gpu: boolean;
}

/**
 * `runner setup [mlflow | weights NAME | --gpu]`: installs now what later commands would need. The script `runner` has
 * installed everything else already.
 */
export async function setup({ what, size, gpu }: SetupArguments): Promise<number> {
  const say = (text: string): void => console.error(text);
  if (gpu && what !== null) throw new UsageError(`"setup": --gpu installs nothing else; leave out "${what}"`);
  if (gpu) return setupGpu(say);
  if (what === 'weights') return setupWeights(size, say);
  if (size !== null) throw new UsageError(`"setup": unexpected "${size}". Usage: ${calledAs()} setup mlflow`);
  if (!findTensorFlow()) await fetchEngine('cpu', say);
  const library = findTensorFlow();
  console.log(`TensorFlow: ${library?.identity} in ${library?.dir}`);
  if (what === 'mlflow') console.log(`MLflow: ${(await findMlflow(say)).command}`);
  return 0;
}

/** Once this is installed, stages compute on the GPU if the machine has one. */
async function setupGpu(say: (text: string) => void): Promise<number> {
  if (!findTensorFlow('gpu')) await fetchEngine('gpu', say);
  const library = findTensorFlow('gpu');
  console.log(`TensorFlow for GPUs: ${library?.identity} in ${library?.dir}`);
  const cards = cardModels();
  console.log(
    cards.length > 0 ? `GPUs: ${cards.join(', ')}` : 'no NVIDIA GPU with a driver was found: stages compute on the CPU',
  );
  return 0;
}
