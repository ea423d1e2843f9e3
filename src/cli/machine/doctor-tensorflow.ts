import { loadTensorFlow } from '../../engine/tensorflow/c/load-library.ts';

/**
 * `runner doctor-tensorflow DIR`: loads the libraries and says their version; `doctor` calls it, for whoever loads them
 * may die of it.
 */
export async function doctorTensorFlowVerb(argv: string[]): Promise<number> {
  const { api, exitNow } = await loadTensorFlow(argv[0] ?? '');
  console.log(api.TF_Version());
  exitNow(0);
  return 0;
}
