import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/engine/library/cache-dir.ts';

export const torchVersion = '2.13.0';

/** A Python that has PyTorch: `RUNNER_BENCH_PYTHON`, else a virtual environment in the cache folder, made once. */
export function torchPython(): string {
  const chosen = process.env['RUNNER_BENCH_PYTHON'];
  if (chosen) return chosen;
  const dir = join(cacheDir(), `bench-torch-${torchVersion}`);
  const python = join(dir, 'bin', 'python');
  const ready = join(dir, '.ready');
  if (existsSync(ready)) return python;
  console.error(`making a virtual environment with torch ${torchVersion}, once: ${dir}`);
  rmSync(dir, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', dir], { stdio: ['ignore', 'inherit', 'inherit'] });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `torch==${torchVersion}`], { stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(ready, '');
  return python;
}
