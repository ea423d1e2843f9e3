import { loadTensorFlow } from '../../engine/tensorflow/c/load-library.ts';

/**
 * `runner doctor-tensorflow DIR`: loads the libraries and prints their version. `doctor` calls it as a
 * separate process, because loading libraries that were built for another processor can crash it.
 */
export async function printTensorFlowVersion({ dir }: { dir: string }): Promise<number> {
  const { api, exitNow } = await loadTensorFlow(dir);
  console.log(api.TF_Version());
  exitNow(0);
  return 0;
}
