// An esbuild plug-in that keeps the number of chunks small.
import { dirname, join, relative, resolve } from 'node:path';

/**
 * Merges modules that are loaded together into one chunk. esbuild makes a chunk for every set of entry points that
 * share a module, and loading fifty small chunks takes 20 ms. When a lazy import runs, certain modules are already
 * loaded; it costs nothing to import them along with it, and then they have the same set of entry points.
 */
export const loadedTogether = {
  name: 'loaded together',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\// }, ({ kind, path, resolveDir, importer }) =>
      kind === 'dynamic-import'
        ? { path: join(resolveDir, path), namespace: 'lazy', pluginData: relative('.', importer) }
        : null,
    );
    build.onLoad({ filter: /./, namespace: 'lazy' }, ({ path, pluginData: importer }) => ({
      contents: [
        ...loadedBefore(importer).map((file) => `import ${JSON.stringify(resolve(file))};`),
        `export * from ${JSON.stringify(path)};`,
      ].join('\n'),
      resolveDir: dirname(path),
    }));
  },
};

/** Modules already loaded at every start, before each verb, and before each stage kind. */
const STARTUP = ['src/cli/verbs/index.ts', 'src/cli/help.ts', 'src/pipeline/diagnostic/diagnostic.ts'];
const VERBS = [
  'src/cli/arguments.ts',
  'src/cli/runs-directory.ts',
  'src/cli/project/settings.ts',
  'src/cli/screen/durations.ts',
  'src/history/run-names.ts',
  'src/cli/screen/shown-values.ts',
  'src/files/read-file.ts',
  'src/history/past-runs.ts',
  'src/process/process-mark.ts',
  'src/store/store.ts',
  'src/store/store-error.ts',
];
const STAGES = ['stages/index.ts'];

function loadedBefore(importer) {
  if (importer === 'src/cli/main.ts') return STARTUP;
  if (importer.startsWith('src/cli/verbs/')) return [...STARTUP, ...VERBS];
  return [...STARTUP, ...VERBS, ...STAGES];
}
