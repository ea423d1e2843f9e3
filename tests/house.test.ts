import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { schemaFiles } from '../src/cli/plan/schemas.ts';
import { projectRoot } from '../src/files/project-root.ts';

const root = projectRoot();

/**
 * Folder → what its files may import besides one another: folders, single files, packages, `node:` modules. A stage
 * kind is a folder too: `stages/KIND.ts` with `stages/KIND/`. All folders may import `src/numbers`. ARCHITECTURE.md has
 * the same table in words.
 */
const allowed: Record<string, string[]> = {
  'src/numbers': [],
  'src/pipeline': ['@sinclair/typebox', 'ajv', 'fastest-levenshtein', 'fast-string-width', 'yaml', 'node:crypto'],
  'src/pages': ['echarts'],
  'src/files': ['node:'],
  'src/process': ['src/files/project-root.ts', 'execa', 'node:'],
  // Labels are stored next to the ids, in the layout that token-labels.ts defines.
  'src/artifacts': ['src/files', 'src/tokenizer/token-labels.ts', '@sinclair/typebox', 'node:'],
  'src/sources': ['src/artifacts', 'htmlparser2', 'tar-stream', 'yauzl', 'node:'],
  'src/tokenizer': ['node:'],
  // Losses are grouped by label, and generated ids are decoded to text.
  'src/lm': [
    'src/tokenizer/token-labels.ts',
    'src/tokenizer/tokenizer.ts',
    'src/tokenizer/identity.ts',
    '@sinclair/typebox',
    '@tensorflow/',
  ],
  'src/engine': ['src/process', 'src/files', '@tensorflow/', 'koffi', 'node:'],
  'src/eliza': ['src/pipeline/diagnostic/user-error.ts'],
  'src/ngram': [],
  'src/held-out': ['src/artifacts', 'src/pipeline/stage-kind.ts', 'src/tokenizer'],
  'src/health': ['src/statistics'],
  'src/statistics': ['src/lm/random/inverse-normal.ts', 'node:zlib'],
  'src/chat': [
    'src/artifacts',
    'src/files',
    'src/generation',
    'src/lm',
    'src/pipeline/diagnostic/user-error.ts',
    'src/tokenizer',
    'node:',
  ],
  'src/serve': [
    'src/chat',
    'src/eliza',
    'src/files',
    'src/artifacts/questions.ts',
    'src/generation',
    'src/judging',
    'src/lm',
    'src/pages',
    'src/pipeline/diagnostic/nearest.ts',
    'src/tokenizer/tokenizer.ts',
    'node:',
  ],
  'src/generation': ['src/lm', 'src/engine', 'src/tokenizer/tokenizer.ts', 'node:crypto', 'node:timers/promises'],
  'src/judging': [
    'src/artifacts/questions.ts',
    'src/files',
    'src/lm/random/random.ts',
    'src/process',
    'src/statistics',
    'node:',
  ],
  'src/store': ['src/pipeline', 'src/files', 'node:'],
  'src/history': [
    'src/pipeline',
    'src/process',
    'src/files',
    'src/store',
    'src/tracking',
    'src/pages',
    'yaml',
    'node:',
  ],
  'src/gc': ['src/pipeline', 'src/process', 'src/files', 'src/store', 'src/history', 'node:'],
  'src/run': ['src/pipeline', 'src/process', 'src/files', 'src/store', 'src/history', 'src/gc', 'node:'],
  'src/tracking': ['src/pipeline', 'src/process', 'src/files', 'src/pages', 'node:'],
  'stages/KIND': [
    'src/artifacts',
    'src/files',
    'src/process/start-program.ts',
    'src/process/descendants.ts',
    'src/process/program.ts',
    'src/pages',
    'src/sources',
    'src/tokenizer',
    'src/lm',
    'src/engine',
    'src/eliza',
    'src/health',
    'src/held-out',
    'src/ngram',
    'src/statistics',
    'src/pipeline/define-contract.ts',
    'src/generation',
    'src/judging',
    'src/pipeline/events.ts',
    'src/pipeline/needs.ts',
    'src/pipeline/stage-kind.ts',
    'src/pipeline/or-stopped.ts',
    'stages/leak-check.ts',
    'stages/read-progress.ts',
    'stages/shared-params.ts',
    '@sinclair/typebox',
    '@tensorflow/',
    'node:',
  ],
  stages: ['stages', 'src/pipeline', '@sinclair/typebox'],
  'src/cli': ['src', 'stages', 'yaml', 'node:'],
};

/** A kind is a file, or a file and a folder of the same name. */
const isStageKind = (file: string): boolean =>
  file.startsWith('stages/') &&
  !/^stages\/(index|shared-params|read-progress|leak-check|counted-hashes)\.ts$/.test(file);

test('folders import only what they are allowed to', () => {
  assert.ok(
    importsOf('src/cli/plan/plan.ts').includes('src/pipeline/plan/plan.ts') &&
      importsOf('src/cli/verbs/plan.ts').includes('src/cli/plan/plan.ts'),
    'importsOf must find imports, including lazy ones',
  );
  const wrong: string[] = [];
  for (const file of sourceFiles()) {
    const folder = folderOf(file);
    const rules = [folder, `${folder}.ts`, 'src/numbers', ...allowed[isStageKind(file) ? 'stages/KIND' : folder]!];
    for (const target of importsOf(file))
      if (!rules.some((rule) => target === rule || target.startsWith(/[/:]$/.test(rule) ? rule : `${rule}/`)))
        wrong.push(`${file} imports ${target}`);
  }
  assert.deepEqual(wrong, []);
});

test('captured kernels name no compiler target, only the operations of a graph builder', () => {
  const files = sourceFiles().filter((file) => file.startsWith('src/engine/capture/'));
  const allowedHere = /^src\/engine\/(capture\/|tfjs\/|dtype\.ts$)|^@tensorflow\/tfjs-core$/;
  assert.ok(files.includes('src/engine/capture/kernels/elementwise.ts'));
  assert.deepEqual(
    files.flatMap((file) => importsOf(file).filter((name) => !allowedHere.test(name))),
    [],
  );
});

test('only src/lm/model knows the architecture of a model', () => {
  const architectures = new Set(sourceFiles().filter((file) => /^src\/lm\/model\/gpt2(\.ts$|\/)/.test(file)));
  assert.ok(architectures.has('src/lm/model/gpt2.ts'));
  const outside = sourceFiles().filter((file) => !file.startsWith('src/lm/model/'));
  assert.deepEqual(
    outside.filter((file) => importsOf(file).some((target) => architectures.has(target))),
    [],
  );
});

test('no folder has too many files', () => {
  const counts = new Map<string, number>();
  for (const file of sourceFiles()) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  assert.deepEqual(
    [...counts].filter(([, count]) => count > 22),
    [],
  );
});

test('no import cycles', () => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (file: string, trail: string[]): void => {
    if (state.get(file) === 'done') return;
    assert.notEqual(state.get(file), 'open', `cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' → ')}`);
    state.set(file, 'open');
    for (const target of importsOf(file)) if (target.endsWith('.ts')) visit(target, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of sourceFiles()) visit(file, []);
});

test('contracts of stage kinds load no tensors, no readers and no packages except that for schemas, because planning loads them all', () => {
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    if (file.endsWith('.ts')) for (const target of importsOf(file, 'loaded')) visit(target);
  };
  visit('stages/index.ts');
  const readers = sourceFiles().filter(
    (file) =>
      file.startsWith('src/sources/') && importsOf(file).some((name) => /^(yauzl|tar-stream|htmlparser2)$/.test(name)),
  );
  assert.ok(readers.length > 0 && seen.has('stages/train/contract.ts') && seen.has('src/lm/model/layouts.ts'));
  assert.deepEqual(
    [...seen].filter((name) => readers.includes(name) || !/\.ts$|^node:|^@sinclair\/typebox$/.test(name)),
    [],
  );
  // Only `run` imports the code that does the work.
  const lazyLines = [...seen]
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => (codeOf(file).match(/.*\bimport\(.*/g) ?? []).map((line) => `${file}: ${line.trim()}`));
  assert.ok(lazyLines.length > 0 && !seen.has('stages/train.ts'));
  const isRun =
    /^stages\/([a-z-]+)\/contract\.ts: run: async \(context\) => \(await import\('\.\.\/\1\.ts'\)\)\.run\(context\),$/;
  assert.deepEqual(
    lazyLines.filter((line) => !isRun.test(line)),
    [],
  );
});

test('files are named in kebab-case, and no folder is called utils, helpers or the like', () => {
  const odd = sourceFiles().filter(
    (file) => !/^[a-z0-9/.-]+$/.test(file) || /\/(utils?|helpers?|common|core|base|misc)(\/|\.ts)/.test(file),
  );
  assert.deepEqual(odd, []);
});

test('the published schemas are those of the stage kinds (npm run schemas writes them)', () => {
  for (const [name, text] of Object.entries(schemaFiles()))
    assert.equal(readFileSync(join(root, 'schemas', name), 'utf8'), text, name);
});

// ---------------------------------------------------------------------------

function sourceFiles(): string[] {
  return ['src', 'stages']
    .flatMap((top) =>
      (readdirSync(join(root, top), { recursive: true }) as string[])
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
        .map((name) => `${top}/${name}`),
    )
    .sort();
}

function folderOf(file: string): string {
  const [top, second] = file.split('/') as [string, string];
  const isKind = top === 'stages' && existsSync(join(root, 'stages', second.replace(/\.ts$/, '')));
  return top === 'src' || isKind ? `${top}/${second.replace(/\.ts$/, '')}` : top;
}

const codeOf = (file: string): string => readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');

/**
 * The modules in a file's `import … from`, `export … from` and `import(…)`; relative ones as paths from the root.
 * `loaded`: only those that are loaded with the file, which excludes imports of types and `import(…)`.
 */
function importsOf(file: string, which: 'all' | 'loaded' = 'all'): string[] {
  const text =
    which === 'all'
      ? codeOf(file)
      : codeOf(file)
          .replace(/^import type .*$/gm, '')
          .replace(/\bimport\(\s*['"][^'"]+['"]/g, '');
  const names = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  return names.map((name) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name));
}
