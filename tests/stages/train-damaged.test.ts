import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { StageStopped } from '../../src/pipeline/stage-kind.ts';
import { contract as train } from '../../stages/train/contract.ts';
import {
  digestsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeTokens,
} from './model-kit.ts';

const folder = temporaryFolder();
const inputs = { chat: join(folder.dir, 'chat') };
const model = { layers: 1, heads: 2, width: 8, context: 16 };
const schedule = { kind: 'constant', peak: 0.01, warmupSteps: 0 };
const runtime = { logEvery: 1, checkpointEvery: 2, keep: { last: 2, every: 0 } };

before(() => writeTokens(inputs.chat, { train: [smallTalk(60, 1)], validation: [smallTalk(20, 99)] }));
after(folder.remove);

/** Stops the training after this step. */
async function stopAt(step: number, run: { dir: string; inputs: Record<string, string>; params: object }) {
  const controller = new AbortController();
  const stopping = runStage(train, {
    ...run,
    runtime,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.kind === 'metric' && event.name === 'train/loss' && event.step === step) controller.abort();
    },
  });
  await assert.rejects(stopping, StageStopped);
}

function flipOneBit(path: string): void {
  const bytes = readFileSync(path);
  const at = Math.floor(Math.random() * bytes.length);
  bytes[at]! ^= 1 << Math.floor(Math.random() * 8);
  writeFileSync(path, bytes);
}

test('one flipped bit anywhere in a checkpoint, or beside it, does not change the result', { skip }, async () => {
  // a model to start from
  const given = join(folder.dir, 'given');
  const plain = { model, schedule, steps: 2, batchSize: 2, validateEvery: 2, validationBatches: 2 };
  await runStage(train, { dir: given, inputs, params: plain });
  const params = { ...plain, model: undefined, steps: 8, init: { kind: 'artifact', weights: 'final' } };
  const run = {
    inputs: { ...inputs, start: join(given, 'out') },
    params: JSON.parse(JSON.stringify(params)) as object,
  };
  const whole = await runStage(train, { dir: join(folder.dir, 'whole'), ...run });
  const stopped = join(folder.dir, 'stopped');
  await stopAt(5, { dir: stopped, ...run });

  const scratch = join(stopped, 'scratch');
  const files = readdirSync(scratch, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(scratch.length + 1));
  const isOfInterest = /^metrics|^start\.|^start\/model|^best\/.*model\.safetensors|^checkpoints\/step-00000005/;
  const chosen = files.filter((name) => isOfInterest.test(name));
  assert.equal(chosen.length, 6, files.join());
  for (const [nth, name] of chosen.entries()) {
    const dir = join(folder.dir, `damaged-${nth}`);
    cpSync(stopped, dir, { recursive: true });
    flipOneBit(join(dir, 'scratch', name));
    const { outDir } = await runStage(train, { dir, ...run, runtime });
    assert.deepEqual(digestsOf(outDir), digestsOf(whole.outDir), name);
  }
});

test('a damaged checkpoint is reported, and training goes back to the one before', { skip }, async () => {
  const run = {
    dir: join(folder.dir, 'reported'),
    inputs,
    params: { model, schedule, steps: 8, batchSize: 2, validateEvery: 8, validationBatches: 2 },
  };
  await stopAt(5, run);
  flipOneBit(join(run.dir, 'scratch/checkpoints/step-00000005/state.safetensors'));
  const { events } = await runStage(train, { ...run, runtime });
  assert.deepEqual(
    events.flatMap((event) =>
      event.kind === 'warning' ? [event.text] : event.kind === 'resumed' ? [`resumed at ${event.step}`] : [],
    ),
    ['the checkpoint of step 5 is damaged; going back to an earlier one', 'resumed at 4'],
  );
});
