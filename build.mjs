// Bundles the command line into dist/, with `--tests` every test file into dist/tests/, with `--bench` the benchmarks.
// Bundling is what gives the one copy of tfjs-core that its gradients register themselves in, and a start in milliseconds.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { assemblyScript } from './src/build/assemblyscript.mjs';
import { forNode } from './src/build/esbuild-options.mjs';
import { loadedTogether } from './src/build/loaded-together.mjs';
import { buildBenchmarks, buildTests, testEntryPoints } from './tests/build-tests.mjs';

const cli = await build({
  ...forNode,
  plugins: [assemblyScript, loadedTogether],
  banner: {},
  entryPoints: {
    cli: 'src/cli/main.ts',
    'encode-worker': 'stages/tokenize/encode-worker.ts',
    'hash-worker': 'src/store/sources/hash-worker.ts',
  },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  write: false,
});
publish(cli.outputFiles.map(withRequire));

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

if (process.argv.includes('--tests')) await buildTests(testEntryPoints());
if (process.argv.includes('--bench')) await buildBenchmarks();

/**
 * Gives `require` to the chunks that call it, and to esbuild's own `__require`, which looks for a global one. Importing
 * `node:module` takes 3 ms, so the chunks that every start loads go without.
 */
function withRequire({ path, text, contents }) {
  const isCalled = path.endsWith('.js') && /\b__require\d*\(/.test(text);
  const banner =
    "import { createRequire as __createRequire } from 'node:module'; globalThis.require ??= __createRequire(import.meta.url);";
  // on the first line, so that the source map stays right
  return { path, contents: isCalled ? Buffer.from(`${banner} ${text}`) : contents };
}

/**
 * A process that starts or loads more code meanwhile finds the old or the new, whole: pieces are named by their content
 * and come first; what starts is renamed into place.
 */
function publish(files) {
  const isPiece = ({ path }) => basename(dirname(path)) === 'chunks';
  for (const file of [...files].sort((a, b) => isPiece(b) - isPiece(a))) {
    if (isPiece(file) && existsSync(file.path) && statSync(file.path).size === file.contents.length) continue;
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(`${file.path}.${process.pid}`, file.contents);
    renameSync(`${file.path}.${process.pid}`, file.path);
  }
  const kept = new Set(files.map(({ path }) => path));
  const dayAgo = Date.now() - 86_400_000; // what runs now may still want its pieces
  const dir = dirname(files.find(isPiece).path);
  for (const path of readdirSync(dir).map((name) => join(dir, name)))
    if (!kept.has(path) && statSync(path).mtimeMs < dayAgo) rmSync(path, { force: true });
}
