import { findTensorFlow } from '../engine/tensorflow-library.ts';
import { findMlflow } from '../tracking/mlflow-install.ts';
import { UsageError, readArguments } from './arguments.ts';
import { prepareEngine } from './prepare-engine.ts';
import { setupWeights } from './setup-weights.ts';

/** `runner setup [mlflow | weights NAME]`: what later steps need, now. The script `runner` has made the rest ready already. */
export async function setupVerb(argv: string[]): Promise<number> {
  const { positionals } = readArguments('setup', argv, [], [0, 2]);
  const [extra, name] = positionals;
  const say = (text: string): void => console.error(text);
  if (extra === 'weights') return setupWeights(name, say);
  if (extra !== undefined && extra !== 'mlflow') throw new UsageError(`"setup" knows "mlflow" and "weights", not "${extra}"`);
  if (name !== undefined) throw new UsageError(`"setup" does not know what to do with "${name}"`);
  await prepareEngine(say);
  const library = findTensorFlow();
  console.log(`TensorFlow: ${library?.identity} in ${library?.dir}`);
  if (extra === 'mlflow') console.log(`MLflow: ${(await findMlflow(say)).command}`);
  return 0;
}
