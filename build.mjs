// Bundles the command line into dist/, and with `--tests` every test file into dist/tests/.
// Bundling is what gives the one copy of tfjs-core that its gradients register themselves in, and a start in milliseconds.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';

const tests = process.argv.includes('--tests');
const bench = process.argv.includes('--bench');
const entryPoints = { cli: 'src/cli/main.ts', 'encode-worker': 'stages/tokenize/encode-worker.ts' };
if (tests) for (const path of [...filesIn('tests', '.test.ts'), ...filesIn('tests', '.process.ts')]) entryPoints[path.slice(0, -3)] = path;
if (bench) for (const path of filesIn('tests/bench', '.ts')) entryPoints[path.slice(0, -3)] = path;

if (tests) rmSync('dist/tests', { recursive: true, force: true });
await build({
  entryPoints,
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  external: ['koffi', 'typescript', 'tiktoken'],
  sourcemap: true,
  banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  logLevel: 'warning',
});

// The script that `runner compare --html` puts into its page: one file, with only those parts of echarts that it draws with.
await build({
  entryPoints: { 'pages/compare': 'src/pages/browser/compare.ts' },
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2020',
  legalComments: 'inline',
  logLevel: 'warning',
});

function filesIn(dir, ending) {
  return readdirSync(dir, { recursive: true }).filter((name) => name.endsWith(ending)).map((name) => `${dir}/${name}`);
}
