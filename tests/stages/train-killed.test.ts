import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { contract as train } from '../../stages/train/contract.ts';
import {
  FEW_IDS,
  digestsOf,
  runStage,
  skipWithoutTensorFlow as skip,
  smallTalk,
  temporaryFolder,
  writeFewTokens,
} from './model-kit.ts';

// This file starts itself: with CHILD set, it is the training process that gets killed; without, it is the test.
const child = process.env['CHILD'];
if (child) {
  await runStage(train, {
    ...(JSON.parse(child) as { dir: string; inputs: Record<string, string>; params: object; runtime: object }),
    onEvent: (event) => process.stdout.write(`${JSON.stringify(event)}\n`),
  });
} else {
  // Everything that varies during training and must be restored.
  const cases: Record<string, object> = {
    'as it is': {},
    // Validations every 3 steps that never count as lower: detours after every second one, such as from step 3 to 12, and
    // different mixes before and after.
    'across detours, phases and a review, in packed documents': {
      validateEvery: 3,
      windows: 'documents',
      mix: [{ from: 'chat', weight: 1 }],
      mixPhases: [
        {
          untilStep: 20,
          mix: [
            { from: 'chat', weight: 1 },
            { from: 'other', weight: 1 },
          ],
        },
      ],
      review: { kind: 'perEpoch', from: 'other', share: 0.4, factor: 0.8 },
      detour: { to: 'other', patience: 1, minDelta: 10, steps: 9, rate: 0.001, max: 4 },
      stop: { epochs: 7, patience: 50 },
    },
    // Validations every 5 steps that never count as lower: the rate falls at every second one.
    'across steps in parts and a plateau, with noise, frozen weights and outliers to skip': {
      batchSize: 1,
      accumulate: 3,
      optimizer: { kind: 'adafactor' },
      schedule: {
        kind: 'plateau',
        peak: 0.02,
        floor: 0.001,
        warmupSteps: 3,
        factor: 0.7,
        patience: 1,
        cooldown: 1,
        minDelta: 10,
      },
      validateEvery: 5,
      freeze: ['h.0.attn.*'],
      tokenNoise: 0.1,
      guards: { skipOutliers: 1 },
    },
  };
  for (const [name, change] of Object.entries(cases)) {
    test(`killed three times at random, training ends with identical bytes: ${name}`, { skip }, () =>
      killedThrice(change),
    );
  }
}

async function killedThrice(change: object): Promise<void> {
  const { dir, remove } = temporaryFolder();
  try {
    const inputs = { chat: join(dir, 'tokens'), ...('detour' in change ? { other: join(dir, 'other') } : {}) };
    writeFewTokens(join(dir, 'tokens'), {
      train: [1, 2, 3].map((seed) => smallTalk(25, seed)),
      validation: [smallTalk(20, 99)],
    });
    writeFewTokens(join(dir, 'other'), { train: [4, 5, 6, 7, 8, 9].map((seed) => smallTalk(2, seed)), validation: [] });
    const plain = {
      model: { vocabularySize: FEW_IDS, layers: 1, heads: 2, width: 8, context: 16 },
      steps: 60,
      batchSize: 3,
      schedule: { kind: 'linear', peak: 0.02, floor: 0, warmupSteps: 3 },
      validateEvery: 7,
      validationBatches: 2,
    };
    const params = { ...plain, ...change };
    const training = (name: string) => ({
      dir: join(dir, name),
      inputs,
      params,
      runtime: { logEvery: 1, checkpointEvery: 4 },
    });

    const undisturbed = await start(training('undisturbed'), null);
    assert.equal(undisturbed.signal, null);

    const kills = Array.from({ length: 3 }, (_, attempt) => ({
      atStep: attempt * 18 + 2 + Math.floor(Math.random() * 17),
      thenMs: Math.random() * 40,
    }));
    const resumed: number[] = [];
    for (const kill of kills) {
      const { signal, lines } = await start(training('killed'), kill);
      assert.equal(signal, 'SIGKILL', `should be killed at ${JSON.stringify(kills)}`);
      resumed.push(...resumedAt(lines));
      // Half a line, as a power cut may leave behind.
      appendFileSync(join(dir, 'killed/scratch/metrics.jsonl'), '{"step":999,"na');
    }
    const last = await start(training('killed'), null);
    assert.equal(last.signal, null);
    resumed.push(...resumedAt(last.lines));
    assert.ok(resumed.length >= 2 && resumed.every((step) => step > 0), `resumed at ${resumed}`);
    assert.deepEqual(
      digestsOf(join(dir, 'killed/out')),
      digestsOf(join(dir, 'undisturbed/out')),
      `killed at ${JSON.stringify(kills)}`,
    );
    assert.ok(readFileSync(join(dir, 'killed/out/metrics.jsonl'), 'utf8').includes('"step":60'));
  } finally {
    remove();
  }
}

function resumedAt(lines: string[]): number[] {
  return lines.flatMap((line) => {
    const event = JSON.parse(line) as { kind: string; step: number };
    return event.kind === 'resumed' ? [event.step] : [];
  });
}

/** Runs training in its own process, and kills it some time after it reports a step. */
async function start(
  training: object,
  kill: { atStep: number; thenMs: number } | null,
): Promise<{ signal: NodeJS.Signals | null; lines: string[] }> {
  const process_ = spawn(process.execPath, ['--enable-source-maps', fileURLToPath(import.meta.url)], {
    env: { ...process.env, CHILD: JSON.stringify(training), NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let struck = false;
  process_.stdout.setEncoding('utf8').on('data', (data: string) => {
    text += data;
    if (!kill || struck || !text.includes(`"name":"train/loss"`) || !stepsIn(text).some((step) => step >= kill.atStep))
      return;
    struck = true;
    void pause(kill.thenMs).then(() => process_.kill('SIGKILL'));
  });
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    process_.on('close', (...end) => resolve(end)),
  );
  if (signal === null) assert.equal(code, 0, text.slice(-2000));
  return { signal, lines: text.split('\n').slice(0, -1) };
}

function stepsIn(text: string): number[] {
  return Array.from(text.matchAll(/"kind":"metric","step":(\d+),"name":"train\/loss"/g), ([, step]) => Number(step));
}
