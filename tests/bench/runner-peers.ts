import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/engine/cache-dir.ts';

/** A program that runs the same graph: stages that each read a folder `packages/s<n>/data` and write one small file. */
export interface Peer {
  name: string;
  /** writes its configuration into the graph's folder */
  prepare(dir: string, stages: number): void;
  command: [string, ...string[]];
  env?: Record<string, string>;
}

/** Installs pinned versions of the peers into the cache folder; reports and skips those that cannot be installed. */
export function installedPeers(say: (text: string) => void): Peer[] {
  const home = join(cacheDir(), 'bench-peers');
  mkdirSync(home, { recursive: true });
  const npm = installOnce('wireit and Turborepo', join(home, 'node_modules', 'turbo'), say, () =>
    execFileSync(
      'npm',
      ['install', '--prefix', home, '--ignore-scripts', '--no-audit', '--no-fund', 'wireit@0.14.13', 'turbo@2.11.11'],
      QUIET,
    ),
  );
  const venv = join(home, 'venv');
  const pip = installOnce('DVC and Snakemake', join(venv, 'bin', 'dvc'), say, () => {
    execFileSync('python3', ['-m', 'venv', venv], QUIET);
    execFileSync(
      join(venv, 'bin', 'pip'),
      ['install', '--quiet', '--disable-pip-version-check', 'dvc==3.67.1', 'snakemake'],
      QUIET,
    );
  });
  return [...(pip ? [dvc(venv), snakemake(venv)] : []), ...(npm ? [wireit(home), turbo(home)] : [])];
}

// ---------------------------------------------------------------------------

const QUIET = { stdio: ['ignore', 'ignore', 'ignore'] as ['ignore', 'ignore', 'ignore'] };
const names = (stages: number): string[] => Array.from({ length: stages }, (_, n) => `s${n}`);

function installOnce(what: string, proof: string, say: (text: string) => void, install: () => void): boolean {
  if (existsSync(proof)) return true;
  say(`installing ${what} (only once) …`);
  try {
    install();
  } catch {
    // reported below
  }
  if (!existsSync(proof)) say(`${what} cannot be installed here; skipped`);
  return existsSync(proof);
}

const dvc = (venv: string): Peer => ({
  name: 'DVC',
  prepare(dir, stages) {
    if (!existsSync(join(dir, '.dvc')))
      execFileSync(join(venv, 'bin', 'dvc'), ['init', '--no-scm', '-q'], { cwd: dir, ...QUIET });
    const lines = names(stages).map(
      (name) =>
        `  ${name}: { cmd: 'echo ${name} > dvc-${name}.txt', deps: [packages/${name}/data], outs: [dvc-${name}.txt] }`,
    );
    writeFileSync(join(dir, 'dvc.yaml'), `stages:\n${lines.join('\n')}\n`);
  },
  command: [join(venv, 'bin', 'dvc'), 'repro', '-q'],
  env: { DVC_NO_ANALYTICS: '1' },
});

const snakemake = (venv: string): Peer => ({
  name: 'Snakemake',
  prepare(dir, stages) {
    const rules = names(stages).map(
      (name) =>
        `rule ${name}:\n    input: sorted(glob.glob("packages/${name}/data/*"))\n    output: "snk-${name}.txt"\n    shell: "echo ${name} > {output}"\n`,
    );
    writeFileSync(
      join(dir, 'Snakefile'),
      `import glob\nrule all:\n    input: [f"snk-s{n}.txt" for n in range(${stages})]\n${rules.join('')}`,
    );
  },
  command: [join(venv, 'bin', 'snakemake'), '--quiet', 'all', '--cores', '2'],
});

const wireit = (home: string): Peer => ({
  name: 'wireit',
  prepare(dir, stages) {
    const tasks = Object.fromEntries(
      names(stages).map((name) => [
        name,
        {
          command: `echo ${name} > wireit-${name}.txt`,
          files: [`packages/${name}/data/**`],
          output: [`wireit-${name}.txt`],
        },
      ]),
    );
    const wireit = { ...tasks, all: { dependencies: names(stages) } };
    writeFileSync(
      join(dir, 'package.json'),
      JSON.stringify({
        name: 'bench',
        version: '1.0.0',
        private: true,
        packageManager: 'npm@10.0.0',
        workspaces: ['packages/*'],
        scripts: Object.fromEntries(Object.keys(wireit).map((name) => [name, 'wireit'])),
        wireit,
      }),
    );
  },
  command: [process.execPath, join(home, 'node_modules', 'wireit', 'bin', 'wireit.js')],
  env: {
    npm_lifecycle_event: 'all',
    npm_lifecycle_script: 'wireit',
    npm_config_user_agent: 'npm/10',
    WIREIT_LOGGER: 'simple',
  },
});

const turbo = (home: string): Peer => ({
  name: 'Turborepo',
  prepare(dir, stages) {
    for (const name of names(stages))
      writeFileSync(
        join(dir, 'packages', name, 'package.json'),
        JSON.stringify({ name, version: '1.0.0', scripts: { build: `echo ${name} > turbo.txt` } }),
      );
    writeFileSync(
      join(dir, 'turbo.json'),
      JSON.stringify({ tasks: { build: { inputs: ['data/**'], outputs: ['turbo.txt'] } } }),
    );
    writeFileSync(
      join(dir, 'package-lock.json'),
      JSON.stringify({
        name: 'bench',
        version: '1.0.0',
        lockfileVersion: 3,
        packages: { '': { name: 'bench', workspaces: ['packages/*'] } },
      }),
    );
  },
  command: [join(home, 'node_modules', '.bin', 'turbo'), 'run', 'build', '--no-daemon', '--output-logs=none'],
  env: { TURBO_TELEMETRY_DISABLED: '1' },
});
