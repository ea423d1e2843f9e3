import { findTensorFlow } from '../engine/tensorflow-library.ts';
import { findMlflow } from '../tracking/mlflow-install.ts';
import { UsageError, readArguments } from './arguments.ts';
import { prepareEngine } from './prepare-engine.ts';

/** `runner setup [mlflow]`: what later steps need, now. The script `runner` has made the rest ready already. */
export async function setupVerb(argv: string[]): Promise<number> {
  const { positionals } = readArguments('setup', argv, [], [0, 1]);
  const [extra] = positionals;
  if (extra !== undefined && extra !== 'mlflow') throw new UsageError(`"setup" knows "mlflow", not "${extra}"`);
  const say = (text: string): void => console.error(text);
  await prepareEngine(say);
  const library = findTensorFlow();
  console.log(`TensorFlow: ${library?.identity} in ${library?.dir}`);
  if (extra === 'mlflow') console.log(`MLflow: ${(await findMlflow(say)).command}`);
  return 0;
}
