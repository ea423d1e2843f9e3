import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/engine/cache-dir.ts';

/**
 * A Python that has the package: `RUNNER_BENCH_PYTHON`, otherwise a virtual environment in the cache folder, which is
 * created once.
 */
export function benchPython(name: string, version: string): string {
  const chosen = process.env['RUNNER_BENCH_PYTHON'];
  if (chosen) return chosen;
  const dir = join(cacheDir(), `bench-${name}-${version}`);
  const python = join(dir, 'bin', 'python');
  const ready = join(dir, '.ready');
  if (existsSync(ready)) return python;
  console.error(`creating a virtual environment with ${name} ${version} (only once): ${dir}`);
  rmSync(dir, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', dir], { stdio: ['ignore', 'inherit', 'inherit'] });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${name}==${version}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  writeFileSync(ready, '');
  return python;
}
