import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { torchPython } from './torch-python.ts';

export const transformersVersion = '5.23.0';

/**
 * The benchmarks' Python with PyTorch and Hugging Face's transformers, which is installed once. A Python chosen with
 * `RUNNER_BENCH_PYTHON` is used as it is.
 */
export function transformersPython(): string {
  const python = torchPython();
  if (process.env['RUNNER_BENCH_PYTHON']) return python;
  const ready = join(dirname(dirname(python)), `.ready-transformers-${transformersVersion}`);
  if (existsSync(ready)) return python;
  console.error(`installing transformers ${transformersVersion} (only once)`);
  execFileSync(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `transformers==${transformersVersion}`],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  writeFileSync(ready, '');
  return python;
}
