import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { torchPython } from './torch-python.ts';

export const transformersVersion = '5.23.0';

/**
 * The bench's Python, with Hugging Face's transformers beside PyTorch, added once; one that was chosen is taken as it
 * is.
 */
export function transformersPython(): string {
  const python = torchPython();
  if (process.env['RUNNER_BENCH_PYTHON']) return python;
  const ready = join(dirname(dirname(python)), `.ready-transformers-${transformersVersion}`);
  if (existsSync(ready)) return python;
  console.error(`adding transformers ${transformersVersion}, once`);
  execFileSync(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `transformers==${transformersVersion}`],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  writeFileSync(ready, '');
  return python;
}
