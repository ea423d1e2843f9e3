import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { openParts, partName } from '../../src/artifacts/parts/parts.ts';
import { saveTraining, stepFolder } from '../../src/artifacts/checkpoint/training-state.ts';
import type { TrainingState } from '../../src/artifacts/checkpoint/training-state.ts';
import { keptDamage } from '../../src/cli/store/kept-damage.ts';
import { repairStore } from '../../src/gc/repair.ts';
import { keyOf } from '../../src/pipeline/plan/key.ts';
import { tryLock } from '../../src/process/lock.ts';
import { lockDir, openStore, partsDir, workDir } from '../../src/store/store.ts';
import { sumsBeside } from '../../stages/train/state.ts';
import { preImage, quickDir } from '../store/publish-kit.ts';

const STEP = 7;
const key = keyOf(preImage(1));

/** A store with a pack of parts and an unfinished training with its metrics and its best weights. */
async function keptStore(context: TestContext) {
  const store = openStore(join(quickDir(context), 'store'));
  const parts = openParts(partsDir(store))!;
  for (const n of [1, 2, 3]) parts.keep(partName(n), [Buffer.from(`part ${n}`)]);
  parts.close();
  const scratch = join(workDir(store, key), 'scratch');
  const best = join(scratch, 'best', stepFolder(5));
  mkdirSync(best, { recursive: true });
  writeFileSync(join(best, 'model.safetensors'), 'best weights');
  writeFileSync(join(scratch, 'metrics.jsonl'), 'one\ntwo\n');
  writeFileSync(join(workDir(store, key), 'spec.json'), '{"kind":"train"}');
  const state: TrainingState = {
    version: 1,
    step: STEP,
    metricsBytes: 4,
    best: { step: 5, loss: 1 },
    guard: { skipped: 0, inARow: 0, losses: [], norms: [] },
    plateau: { best: null, waited: 0, cooling: 0, reductions: [] },
  };
  const tensors = [{ name: 'weights/a', shape: [2], read: () => Float32Array.of(1, 2) }];
  await saveTraining(join(scratch, 'checkpoints'), state, tensors, { sums: sumsBeside(scratch, state) });
  return { store, scratch, pack: join(partsDir(store), readdirSync(partsDir(store))[0]!) };
}

test('a flipped bit in parts, in a checkpoint, or in what belongs to it is found', async (context) => {
  const { store, scratch, pack } = await keptStore(context);
  assert.deepEqual(await keptDamage(store), []);
  const checkpoint = join('checkpoints', stepFolder(STEP));
  const files = [
    pack,
    ...['state.json', 'state.safetensors'].map((name) => join(scratch, checkpoint, name)),
    join(scratch, 'best', stepFolder(5), 'model.safetensors'),
    join(scratch, 'metrics.jsonl'),
  ];
  for (const file of files) {
    const bytes = readFileSync(file);
    const ends = file.endsWith('metrics.jsonl') ? 3 : bytes.length - 1; // what comes after the step is lost anyway
    for (const index of new Set([0, Math.floor(ends / 2), ends])) {
      const flipped = Buffer.from(bytes);
      flipped[index]! ^= 4;
      writeFileSync(file, flipped);
      const [damage, ...more] = await keptDamage(store);
      assert.deepEqual(
        [damage && join(store.dir, damage.room, damage.name), more],
        [file === pack ? pack : join(scratch, checkpoint), []],
        `${file} byte ${index}`,
      );
    }
    writeFileSync(file, bytes);
  }
  appendFileSync(join(scratch, 'metrics.jsonl'), 'three\n');
  assert.deepEqual(await keptDamage(store), []);
});

test('repair moves a damaged checkpoint and a damaged pack away; the rest of the attempt stays', async (context) => {
  const { store, scratch, pack } = await keptStore(context);
  writeFileSync(pack, 'x');
  rmSync(join(scratch, 'checkpoints', stepFolder(STEP), 'state.safetensors'));
  const damages = await keptDamage(store);
  assert.deepEqual(
    damages.map(({ room }) => room),
    ['parts', 'work'],
  );
  repairStore(store, damages);
  assert.deepEqual(await keptDamage(store), []);
  assert.deepEqual(readdirSync(scratch).sort(), ['best', 'checkpoints', 'metrics.jsonl']);
});

test('what a process is working on, and the scratch folders of programs, are not judged', async (context) => {
  const { store, scratch } = await keptStore(context);
  rmSync(join(scratch, 'checkpoints', stepFolder(STEP), 'state.json'));
  const lock = tryLock(lockDir(store, key), 'stage');
  assert.ok('release' in lock);
  assert.deepEqual(await keptDamage(store), []);
  lock.release();
  assert.equal((await keptDamage(store)).length, 1);
  writeFileSync(join(workDir(store, key), 'spec.json'), '{"kind":"command"}');
  assert.deepEqual(await keptDamage(store), []);
});
