import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../../src/engine/library/cache-dir.ts';

export const tiktokenVersion = '0.14.0';

/** A Python that has tiktoken: `RUNNER_BENCH_PYTHON`, else a virtual environment in the cache folder, made once. */
export function tiktokenPython(): string {
  const chosen = process.env['RUNNER_BENCH_PYTHON'];
  if (chosen) return chosen;
  const dir = join(cacheDir(), `bench-tiktoken-${tiktokenVersion}`);
  const python = join(dir, 'bin', 'python');
  const ready = join(dir, '.ready');
  if (existsSync(ready)) return python;
  console.error(`making a virtual environment with tiktoken ${tiktokenVersion}, once: ${dir}`);
  rmSync(dir, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', dir], { stdio: ['ignore', 'inherit', 'inherit'] });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `tiktoken==${tiktokenVersion}`], { stdio: ['ignore', 'inherit', 'inherit'] });
  writeFileSync(ready, '');
  return python;
}
