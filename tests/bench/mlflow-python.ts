import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mlflowVersion } from '../../src/tracking/mlflow/versions.ts';
import { transformersPython } from './transformers-python.ts';

/** A Python with PyTorch, transformers and all of MLflow. One that `RUNNER_BENCH_PYTHON` names is used as it is. */
export function mlflowPython(): string {
  const python = transformersPython();
  if (process.env['RUNNER_BENCH_PYTHON']) return python;
  const ready = join(dirname(dirname(python)), `.ready-mlflow-${mlflowVersion}`);
  if (existsSync(ready)) return python;
  console.error(`installing mlflow ${mlflowVersion} (only once)`);
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `mlflow==${mlflowVersion}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  writeFileSync(ready, '');
  return python;
}
