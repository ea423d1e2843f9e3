/** Packages that bring a native tfjs backend, the best first; they are used where a person has installed one. */
export const installableTfjsBackends: readonly string[] = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
