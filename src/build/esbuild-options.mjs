// What every bundle for Node has in common: the command line, the tests, the benchmarks.
import { assemblyScript } from './assemblyscript.mjs';

export const forNode = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  // node-fetch: tfjs asks for it where there is no fetch; every Node of ours has one
  external: ['koffi', 'typescript', 'tiktoken', 'node-fetch'],
  sourcemap: true,
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
  plugins: [assemblyScript],
};
