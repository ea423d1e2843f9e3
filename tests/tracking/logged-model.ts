/** For the tests: a run whose journal asks to send a tiny model. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { weightShapes } from '../../src/lm/model/gpt2/weight-shapes.ts';
import { writeWeights } from '../kit/write-model.ts';
import { newRun } from './real-mlflow.ts';
import type { TestRun } from './real-mlflow.ts';

/** `copies`: how often the model is in the journal. */
export async function runWithModel(
  runsDir: string,
  { register, copies = 1, experiment = 'tests' }: { register: string | null; copies?: number; experiment?: string },
): Promise<TestRun & { dir: string }> {
  const dir = join(mkdtempSync(join(tmpdir(), 'model-')), 'best');
  const model = { vocabularySize: 50_257, layers: 1, heads: 2, width: 4, context: 16 };
  let seed = 1;
  const random = (): number => ((seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5) / 5;
  const weights = Object.fromEntries(
    Object.entries(weightShapes(model)).map(([name, shape]) => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random),
    ]),
  );
  await writeWeights(dir, { model: model, weights, step: 120, seed: 3 });
  const run = newRun(runsDir, { experiment });
  for (let i = 0; i < copies; i++)
    run.journal.append({ kind: 'model', name: 'model', dir, digest: 'd'.repeat(64), register });
  run.journal.append({ kind: 'end', status: 'FINISHED', time: 1_700_000_001_000 });
  run.journal.close();
  return { ...run, dir };
}
