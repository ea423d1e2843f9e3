import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { StageStopped } from '../../src/pipeline/stage-kind.ts';
import type { StageEvent } from '../../src/pipeline/events.ts';
import { contract as train } from '../../stages/train/contract.ts';
import {
  FEW_IDS,
  digestsOf,
  metricsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeFewTokens,
} from './model-kit.ts';

const params = {
  model: { vocabularySize: FEW_IDS, layers: 1, heads: 2, width: 8, context: 16 },
  steps: 12,
  batchSize: 2,
  schedule: { kind: 'constant', peak: 0.01, warmupSteps: 0 },
  validateEvery: 3,
  validationBatches: 6,
};
/** Samples take long, so that a stop often falls into them; no checkpoint is due unless something stops the training. */
const runtime = {
  logEvery: 1,
  checkpointEvery: 1000,
  samples: { every: 4, prompts: ['Ann: '], maxNewTokens: 10 },
};
const folder = temporaryFolder();
const inputs = { chat: join(folder.dir, 'chat') };
let undisturbed: Record<string, string>;

before(async () => {
  writeFewTokens(inputs.chat, { train: [smallTalk(60, 1)], validation: [smallTalk(60, 99)] });
  if (skip) return;
  undisturbed = digestsOf(
    (await runStage(train, { dir: join(folder.dir, 'undisturbed'), inputs, params, runtime })).outDir,
  );
});
after(folder.remove);

/** The last step whose loss was reported. */
const lastStep = (events: StageEvent[]): number => metricsOf(events, 'train/loss').at(-1)?.[0] ?? 0;

/** Runs until `stopAt` says so; returns the events, and whether it was stopped. */
async function stoppedRun(dir: string, arm: (stop: () => void) => (event: StageEvent) => void) {
  const controller = new AbortController();
  const events: StageEvent[] = [];
  const check = arm(() => controller.abort());
  const onEvent = (event: StageEvent): void => {
    events.push(event);
    check(event);
  };
  const stopped = await runStage(train, { dir, inputs, params, runtime, signal: controller.signal, onEvent }).then(
    () => false,
    (error) => (assert.ok(error instanceof StageStopped, String(error)), true),
  );
  return { stopped, events };
}

/** Lets the training end, and checks that no finished step was computed twice and that the result is the same. */
async function assertResumesAt(dir: string, step: number): Promise<void> {
  const { outDir, events } = await runStage(train, { dir, inputs, params, runtime });
  const resumed = events.find(({ kind }) => kind === 'resumed') as { step: number } | undefined;
  assert.equal(resumed?.step ?? 0, step, 'no finished step is lost');
  assert.deepEqual(digestsOf(outDir), undisturbed);
}

test('a stop before a validation saves the finished steps; the next run validates first', { skip }, async () => {
  const dir = join(folder.dir, 'before-validation');
  const { stopped, events } = await stoppedRun(dir, (stop) => (event) => {
    if (event.kind === 'metric' && event.name === 'train/loss' && event.step === 6) stop();
  });
  assert.ok(stopped);
  assert.equal(metricsOf(events, 'eval/loss').at(-1)![0], 3);
  await assertResumesAt(dir, 6);
});

test('a stop while the last step is validated', { skip }, async () => {
  const dir = join(folder.dir, 'last-validation');
  const { stopped } = await stoppedRun(dir, (stop) => (event) => {
    if (event.kind === 'metric' && event.name === 'train/loss' && event.step === params.steps) stop();
  });
  assert.ok(stopped);
  await assertResumesAt(dir, params.steps);
});

test('a stop before the first step saves nothing and does not wait for it', { skip }, async () => {
  const dir = join(folder.dir, 'start');
  const { stopped, events } = await stoppedRun(dir, (stop) => (event) => {
    if (event.kind === 'progress') stop();
  });
  assert.ok(stopped);
  assert.equal(lastStep(events), 0);
  assert.ok(!events.some(({ kind }) => kind === 'saved'));
  await assertResumesAt(dir, 0);
});

test('stops at random moments lose no finished step', { skip }, async () => {
  for (let trial = 0; trial < 3; trial++) {
    const dir = join(folder.dir, `random-${trial}`);
    let reached = 0;
    let stops = 0;
    for (;;) {
      const delayMs = Math.random() * 250;
      let armed = false;
      const { stopped, events } = await stoppedRun(dir, (stop) => () => {
        if (armed) return;
        armed = true;
        void sleep(delayMs).then(stop);
      });
      const resumed = events.find(({ kind }) => kind === 'resumed') as { step: number } | undefined;
      assert.equal(resumed?.step ?? 0, reached, `trial ${trial}, stop ${stops}`);
      reached = Math.max(reached, lastStep(events));
      if (!stopped || ++stops === 3) break;
    }
    if (stops === 3) await assertResumesAt(dir, reached);
    else assert.deepEqual(digestsOf(join(dir, 'out')), undisturbed);
  }
});
