/** Packages with a native tfjs backend, best first. One is used if the user has installed it. */
export const installableTfjsBackends: readonly string[] = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
