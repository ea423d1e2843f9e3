import { cardModels } from '../../engine/device.ts';
import { findTensorFlow } from '../../engine/tensorflow/install/install.ts';
import { findMlflow } from '../../tracking/server/mlflow-install.ts';
import { UsageError, readArguments } from '../verb.ts';
import { fetchEngine } from './prepare-engine.ts';
import { setupWeights } from './setup-weights.ts';

/**
 * `runner setup [mlflow | weights NAME | --gpu]`: what later steps need, now. The script `runner` has made the rest
 * ready already.
 */
export async function setupVerb(argv: string[]): Promise<number> {
  const forGpu = argv.includes('--gpu');
  const { positionals } = readArguments(
    'setup',
    argv.filter((word) => word !== '--gpu'),
    [],
    [0, 2],
  );
  const [extra, name] = positionals;
  const say = (text: string): void => console.error(text);
  if (forGpu) return setupGpu(positionals, say);
  if (extra === 'weights') return setupWeights(name, say);
  if (extra !== undefined && extra !== 'mlflow')
    throw new UsageError(`"setup" knows "mlflow", "weights" and --gpu, not "${extra}"`);
  if (name !== undefined) throw new UsageError(`"setup" does not know what to do with "${name}"`);
  if (!findTensorFlow()) await fetchEngine('cpu', say);
  const library = findTensorFlow();
  console.log(`TensorFlow: ${library?.identity} in ${library?.dir}`);
  if (extra === 'mlflow') console.log(`MLflow: ${(await findMlflow(say)).command}`);
  return 0;
}

/** From then on a machine with a card computes on it. */
async function setupGpu(positionals: string[], say: (text: string) => void): Promise<number> {
  if (positionals[0] !== undefined)
    throw new UsageError(`"setup --gpu" does not know what to do with "${positionals[0]}"`);
  if (!findTensorFlow('gpu')) await fetchEngine('gpu', say);
  const library = findTensorFlow('gpu');
  console.log(`TensorFlow for GPUs: ${library?.identity} in ${library?.dir}`);
  const cards = cardModels();
  console.log(
    cards.length > 0
      ? `cards: ${cards.join(', ')}`
      : 'no NVIDIA card with a driver is seen here: what computes uses the CPU',
  );
  return 0;
}
