// The options shared by all bundles for Node: the command line, the tests and the benchmarks.
import { assemblyScript } from './assemblyscript.mjs';

export const forNode = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  // tfjs needs node-fetch only if there is no global fetch, which every supported Node has
  external: ['koffi', 'typescript', 'tiktoken', 'node-fetch'],
  sourcemap: true,
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
  plugins: [assemblyScript],
};
