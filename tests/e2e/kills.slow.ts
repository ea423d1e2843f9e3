import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import { finishedStore } from '../kit/finished-run.ts';
import { runJson, stagePid, startRunner, writePipeline } from '../kit/runner.ts';
import { eventually } from '../kit/temporary.ts';

/** `KILLS=100 npm run test:slow -- kills` for more. */
const TRIALS = Number(process.env['KILLS'] ?? 4);

/** Saving takes a large part of the time, so that many kills come in the middle of it. */
const TRAINING = { 'steps: 30': 'steps: 300', 'checkpointEvery: 5': 'checkpointEvery: 1' };

test(
  'a run killed with SIGKILL at any moment resumes from its newest checkpoint and ends with the same bits',
  { timeout: 7_200_000 },
  async (context) => {
    const { dir, runs: prepared } = await finishedStore(context);
    const file = writePipeline(join(dir, 'tiny.yaml'), './export', TRAINING);
    const runs = join(dir, 'killed');
    const afresh = (): void => {
      rmSync(runs, { recursive: true, force: true });
      execFileSync('cp', ['-a', prepared, runs]);
    };
    afresh();
    const undisturbed = await runJson([file, 'model'], runs);
    const artifact = undisturbed.stages.find(({ name }) => name === 'model')!.artifact;
    let inTraining = 0;
    for (let trial = 0; trial < TRIALS; trial++) {
      afresh();
      const withRunner = trial % 2 === 0;
      const inStart = trial % 4 === 0;
      const afterMs = Math.random() * (inStart ? 3000 : 1000);
      const started = startRunner(['run', file, 'model'], runs);
      await eventually(
        'the training has started',
        () => started.output().includes('▸ model') || started.child.exitCode !== null,
        60_000,
      );
      if (!inStart)
        await eventually(
          'the first checkpoint is written',
          () => savedSteps(runs).length > 0 || started.child.exitCode !== null,
          60_000,
        );
      await sleep(afterMs);
      const pid = stagePid(runs);
      if (withRunner) started.child.kill('SIGKILL');
      if (pid !== null) kill(pid);
      await started.ended;
      const newest = Math.max(0, ...savedSteps(runs));
      const { stages } = await runJson([file, 'model'], runs);
      const model = stages.find(({ name }) => name === 'model')!;
      const what = `trial ${trial}: ${withRunner ? 'runner and stage' : 'stage'} after ${Math.round(afterMs)} ms, newest checkpoint ${newest}`;
      assert.equal(model.artifact, artifact, what);
      if (model.outcome === 'cached') continue;
      assert.deepEqual([model.outcome, model.resumedAt ?? 0], [newest > 0 ? 'resumed' : 'ran', newest], what);
      if (newest > 0) inTraining++;
    }
    console.error(`${TRIALS} kills, ${inTraining} of them after the first checkpoint: all ended with the same bits`);
  },
);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

/** A folder gets the name of its step when the checkpoint in it is whole. */
function savedSteps(runs: string): number[] {
  const work = join(runs, 'store', 'work');
  if (!existsSync(work)) return [];
  return readdirSync(work, { recursive: true, encoding: 'utf8' }).flatMap((path) => {
    const step = /\/checkpoints\/step-(\d+)$/.exec(path)?.[1];
    return step === undefined ? [] : [Number(step)];
  });
}
