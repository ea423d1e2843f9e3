import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { finishedStore } from '../kit/finished-run.ts';
import { runJson, runRunner, startRunner, writePipeline } from '../kit/runner.ts';
import { eventually } from '../kit/temporary.ts';

/** `STOPS=100 npm run test:slow -- stops` for more. */
const TRIALS = Number(process.env['STOPS'] ?? 6);

/** Validations and samples take most of the time, and nothing but a stop saves. */
const TRAINING = {
  'steps: 30': 'steps: 30',
  'validateEvery: 10': 'validateEvery: 2',
  'logEvery: 5, checkpointEvery: 5':
    'logEvery: 1, checkpointEvery: 100000, samples: { every: 5, prompts: ["Mira:"], maxNewTokens: 20 }',
};
const WAYS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'stop', 'timeLimit'] as const;

test(
  'a run that is stopped in any way at any moment loses no finished step',
  { timeout: 7_200_000 },
  async (context) => {
    const { dir, runs } = await finishedStore(context);
    const undisturbed = await runJson(
      [writePipeline(join(dir, 'a.yaml'), './export', TRAINING), 'model'],
      join(dir, 'whole'),
    );
    const artifact = undisturbed.stages.find(({ name }) => name === 'model')!.artifact;
    for (let trial = 0; trial < TRIALS; trial++) {
      const way = WAYS[trial % WAYS.length]!;
      const afterMs = Math.random() * 4000;
      const seed = `--set=stages.model.params.seed=${1000 + trial}`;
      const limit =
        way === 'timeLimit' ? [`--set=stages.model.timeLimit=${Math.max(1, Math.round(afterMs / 1000))}s`] : [];
      const started = startRunner(['run', join(dir, 'a.yaml'), 'model', seed, ...limit], runs);
      await eventually(
        'the training has started',
        () => started.output().includes('▸ model') || started.child.exitCode !== null,
        60_000,
      );
      if (way !== 'timeLimit') await sleep(afterMs);
      if (way === 'stop') await runRunner(['stop'], runs);
      else if (way !== 'timeLimit') started.child.kill(way);
      await started.ended;
      const reached = lastStep(runs);
      const { stages } = await runJson([join(dir, 'a.yaml'), 'model', seed], runs);
      const model = stages.find(({ name }) => name === 'model')!;
      const what = `trial ${trial}: ${way} after ${Math.round(afterMs)} ms`;
      // Without events, it had finished, or it was stopped before it began.
      if (reached === null) assert.equal(model.outcome, /✓ model/.test(started.output()) ? 'cached' : 'ran', what);
      else if (reached === 0) assert.equal(model.outcome, 'ran', what);
      else assert.deepEqual([model.outcome, model.resumedAt], ['resumed', reached], what);
    }
    const { stages } = await runJson([join(dir, 'a.yaml'), 'model'], runs);
    assert.equal(stages.find(({ name }) => name === 'model')!.artifact, artifact);
  },
);

/** The last step that the stopped training has reported; null if it has left no events. */
function lastStep(runs: string): number | null {
  const work = join(runs, 'store', 'work');
  const [key] = existsSync(work)
    ? readdirSync(work).filter((name) => existsSync(join(work, name, 'events.jsonl')))
    : [];
  if (key === undefined) return null;
  const events = readFileSync(join(work, key, 'events.jsonl'), 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { kind: string; name?: string; step?: number }]));
  return events.findLast(({ kind, name }) => kind === 'metric' && name === 'train/loss')?.step ?? 0;
}
