// Bundles the command line into dist/, with `--tests` every test file into dist/tests/, with `--bench` the benchmarks.
// Bundling is what gives the one copy of tfjs-core that its gradients register themselves in, and a start in milliseconds.
import asc from 'assemblyscript/asc';
import { build } from 'esbuild';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** `import bytes from './NAME.wasm'` is NAME.ts beside it, which is AssemblyScript, compiled. */
const webAssembly = {
  name: 'WebAssembly',
  setup(it) {
    it.onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path) }));
    it.onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({
      contents: await compiled(path.replace(/wasm$/, 'ts')),
      loader: 'binary',
    }));
  },
};

const compiling = new Map();
const compiled = (path) => compiling.get(path) ?? compiling.set(path, compile(path)).get(path);

async function compile(path) {
  let [bytes, said] = [null, ''];
  // No runtime and no checks: they lay out their memory themselves, of which there are 10 MB at first.
  const options = [
    '--optimizeLevel',
    '3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '--initialMemory',
    '160',
  ];
  const { error } = await asc.main([relative('.', path), '--outFile', 'it.wasm', ...options], {
    stderr: { write: (text) => (said += text) },
    writeFile: (name, contents) => void (name === 'it.wasm' && (bytes = contents)),
  });
  if (error) throw new Error(`${path}: ${said}`);
  return bytes;
}

const shared = {
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
  plugins: [webAssembly],
};

// The verbs asked for most are one file: loading them in forty pieces took 25 ms longer.
const planning = await build({ ...shared, entryPoints: { planning: 'src/cli/planning.ts' }, write: false });
const apart = {
  name: 'planning is apart',
  setup: (it) =>
    it.onResolve({ filter: /^\.\/planning\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './planning.js', external: true } : null,
    ),
};
const cli = await build({
  ...shared,
  entryPoints: { cli: 'src/cli/main.ts', 'encode-worker': 'stages/tokenize/encode-worker.ts' },
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [webAssembly, apart],
  write: false,
});
publish([...planning.outputFiles, ...cli.outputFiles]);

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

const isTest = (path) => path.endsWith('.test.ts') || path.endsWith('.process.ts');
if (process.argv.includes('--tests')) await buildTests('tests', sources('tests').filter(isTest));
if (process.argv.includes('--bench'))
  await buildTests(
    'tests/bench',
    sources('tests/bench').filter((path) => !isTest(path)),
  );

async function buildTests(dir, paths) {
  rmSync(join('dist', dir), { recursive: true, force: true });
  const entryPoints = Object.fromEntries(paths.map((path) => [path.slice(0, -3), path]));
  await build({ ...shared, entryPoints, splitting: true, chunkNames: `${dir}/chunks/[name]-[hash]` });
}

function sources(dir) {
  return readdirSync(dir, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${dir}/${name}`);
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
