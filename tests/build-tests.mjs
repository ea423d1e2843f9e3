// Bundles test files, and the processes that they start, into dist/tests; benchmarks into dist/tests/bench.
import { build } from 'esbuild';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { forNode } from '../src/build/esbuild-options.mjs';

/** Every test file, fast or slow, and every process that tests start. */
export const testEntryPoints = () => sources('tests').filter((path) => /\.(test|slow|process)\.ts$/.test(path));

/** Returns esbuild's metafile, which lists the imports of each file. */
export const buildTests = (paths) => bundle('tests', paths);

export const buildBenchmarks = () =>
  bundle(
    'tests/bench',
    sources('tests/bench').filter((path) => !/\.(test|slow|process)\.ts$/.test(path)),
  );

async function bundle(dir, paths) {
  rmSync(join('dist', dir), { recursive: true, force: true });
  const entryPoints = Object.fromEntries(paths.map((path) => [path.slice(0, -3), path]));
  const { metafile } = await build({
    ...forNode,
    external: [...(forNode.external ?? []), 'playwright-core'], // it looks for files beside its own
    entryPoints,
    splitting: true,
    chunkNames: `${dir}/chunks/[name]-[hash]`,
    metafile: true,
  });
  return metafile;
}

function sources(dir) {
  return readdirSync(dir, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${dir}/${name}`)
    .sort();
}
