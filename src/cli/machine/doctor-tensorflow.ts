import { loadTensorFlow } from '../../engine/tensorflow/c/load-library.ts';

/**
 * `runner doctor-tensorflow DIR`: loads the libraries and prints their version. `doctor` calls it in a process of its
 * own, because loading libraries that do not fit the machine can crash the process.
 */
export async function printTensorFlowVersion({ dir }: { dir: string }): Promise<number> {
  const { api, exitNow } = await loadTensorFlow(dir);
  console.log(api.TF_Version());
  exitNow(0);
  return 0;
}
