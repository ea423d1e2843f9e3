// Bundles the command line into dist/; with `--tests` also all tests into dist/tests/, with `--bench` the benchmarks,
// with `--package` what else `npm pack` needs.
// Bundling makes the start fast, and gives us a single copy of tfjs-core, in which gradients register themselves.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assemblyScript } from './src/build/assemblyscript.mjs';
import { forNode } from './src/build/esbuild-options.mjs';
import { loadedTogether } from './src/build/loaded-together.mjs';
import { preparePackage } from './src/build/package.mjs';
import { buildBenchmarks, buildTests, testEntryPoints } from './tests/build-tests.mjs';

const cli = await build({
  ...forNode,
  plugins: [assemblyScript, loadedTogether],
  banner: {},
  entryPoints: {
    cli: 'src/cli/main.ts',
    'encode-worker': 'stages/tokenize/encode-worker.ts',
    'hash-worker': 'src/store/sources/hash-worker.ts',
    'heartbeat-worker': 'src/process/heartbeat-worker.ts',
  },
  splitting: true,
  metafile: true,
  chunkNames: 'chunks/[name]-[hash]',
  write: false,
});
publish(cli.outputFiles.map(withRequire));

// The scripts of our pages, one file each; those of `compare` and `show` have only those parts of echarts that they use.
const pages = await build({
  entryPoints: {
    'pages/compare': 'src/pages/browser/compare.ts',
    'pages/run': 'src/pages/browser/run.ts',
    'pages/serve': 'src/pages/browser/serve.ts',
    'pages/judge': 'src/pages/browser/judge.ts',
  },
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2020',
  legalComments: 'inline',
  metafile: true,
  logLevel: 'warning',
});

if (process.argv.includes('--package'))
  preparePackage({
    outputs: cli.outputFiles.map(({ path }) => path),
    inputs: [cli, pages].flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  });
if (process.argv.includes('--tests')) await buildTests(testEntryPoints());
if (process.argv.includes('--bench')) await buildBenchmarks();

/**
 * Defines `require` in the chunks that call it, and for esbuild's own `__require`, which uses a global one. Importing
 * `node:module` takes 3 ms, so chunks that every start loads must not need it.
 */
function withRequire({ path, text, contents }) {
  const isCalled = path.endsWith('.js') && /\b__require\d*\(/.test(text);
  const banner =
    "import { createRequire as __createRequire } from 'node:module'; globalThis.require ??= __createRequire(import.meta.url);";
  // no line of its own, to keep the source map correct; a program's first line names Node
  return { path, contents: isCalled ? Buffer.from(text.replace(/^(#!.*\n)?/, `$1${banner} `)) : contents };
}

/**
 * Writes the files so that a process that starts or loads code meanwhile sees complete old or new ones: chunks are
 * named by their content and written first; entry points are then renamed over the old ones.
 */
function publish(files) {
  const isChunk = ({ path }) => basename(dirname(path)) === 'chunks';
  for (const file of [...files].sort((a, b) => isChunk(b) - isChunk(a))) {
    if (isChunk(file) && existsSync(file.path) && statSync(file.path).size === file.contents.length) continue;
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(`${file.path}.${process.pid}`, file.contents);
    renameSync(`${file.path}.${process.pid}`, file.path);
  }
  const current = new Set(files.map(({ path }) => path));
  const dayAgo = Date.now() - 86_400_000; // running processes may still load old chunks
  const dir = dirname(files.find(isChunk).path);
  for (const path of readdirSync(dir).map((name) => join(dir, name)))
    if (!current.has(path) && statSync(path).mtimeMs < dayAgo) rmSync(path, { force: true });
}
