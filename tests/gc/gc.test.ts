import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyOf } from '../../src/pipeline/plan/key.ts';
import type { Digest, Key } from '../../src/pipeline/plan/key.ts';
import { tryLock } from '../../src/process/lock.ts';
import { markOf } from '../../src/process/process-mark.ts';
import { collect } from '../../src/gc/collect.ts';
import { takeInventory } from '../../src/gc/inventory.ts';
import { kinds } from '../../stages/index.ts';
import type { ArtifactItem, RunItem, Inventory } from '../../src/gc/inventory.ts';
import { planGc } from '../../src/gc/plan.ts';
import type { GcOptions } from '../../src/gc/plan.ts';
import { artifactDir, findEntry, keyDir, lockDir, openStore, readPreImage, workDir } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { bagsIn, emptyTrash, restoreBag } from '../../src/gc/trash.ts';
import { verifyStore } from '../../src/gc/verify.ts';
import { leaveWork, make, preImage, quickDir } from '../store/publish-kit.ts';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const options = (more: Partial<GcOptions> = {}): GcOptions => ({
  nowMs: NOW,
  olderThanMs: null,
  keepRuns: null,
  maxBytes: null,
  parts: false,
  ...more,
});

// --- planning, on plain data ---------------------------------------------------------------------------------

/** Run n started n days ago and produced entry n and artifact n, of 100 bytes. */
function inventory(runs: Partial<RunItem>[], more: Partial<Inventory> = {}): Inventory {
  return {
    runs: runs.map((run, n) => ({
      run: `run${n}`,
      pipeline: 'p',
      startedMs: NOW - n * DAY,
      isRunning: false,
      loss: null,
      keys: [`k${n}` as Key],
      artifacts: [`a${n}` as Digest],
      ...run,
    })),
    entries: runs.map((_, n) => ({ key: `k${n}` as Key, artifact: `a${n}` as Digest, madeMs: NOW - n * DAY - DAY })),
    artifacts: runs.map((_, n): ArtifactItem => ({
      digest: `a${n}` as Digest,
      changedMs: NOW - n * DAY - DAY,
      files: [{ inode: `f${n}`, bytes: 100, names: 1 }],
    })),
    works: [],
    parts: [],
    activeKeys: new Set(),
    activeArtifacts: new Set(),
    ...more,
  };
}

const deletedKeys = (found: Inventory, asked: GcOptions): string =>
  planGc(found, asked)
    .entries.map(({ key }) => key)
    .sort()
    .join(' ');

test('keeps what runs use and deletes the rest', () => {
  const found = inventory([{}, {}, {}]);
  found.runs.splice(1, 1);
  assert.equal(deletedKeys(found, options()), 'k1');
  assert.deepEqual(planGc(found, options()).artifacts, ['a1']);
  assert.equal(planGc(found, options()).freedBytes, 100);
  assert.equal(planGc(found, options()).storeBytes, 300);
});

test('deletes cached parts on request, by age, or as few as needed to make the store small enough, before anything else', () => {
  const parts = [1, 5, 9].map((days) => ({ name: `${days}`, bytes: 40, usedMs: NOW - days * DAY }));
  const found = inventory([{}, {}], { parts });
  const deleted = (asked: Partial<GcOptions>): string => {
    const plan = planGc(found, options(asked));
    assert.deepEqual([plan.storeBytes, plan.partsBytes], [320, 120]);
    assert.equal(plan.freedBytes, plan.parts.length * 40 + plan.artifacts.length * 100);
    return `${plan.parts.map(({ name }) => name).join(' ')}; ${plan.artifacts.join(' ')}; ${plan.overBytes} over`;
  };
  assert.equal(deleted({}), '; ; 0 over');
  assert.equal(deleted({ parts: true }), '9 5 1; ; 0 over');
  assert.equal(deleted({ olderThanMs: 4 * DAY, keepRuns: 9 }), '9 5; ; 0 over');
  assert.equal(deleted({ maxBytes: 319 }), '9; ; 0 over');
  assert.equal(deleted({ maxBytes: 280 }), '9; ; 0 over');
  assert.equal(deleted({ maxBytes: 279 }), '9 5; ; 0 over');
  assert.equal(deleted({ maxBytes: 150 }), '9 5 1; a1; 0 over');
  assert.equal(deleted({ maxBytes: 50 }), '9 5 1; a1; 50 over', 'the last run keeps its artifact');
  assert.equal(deleted({ maxBytes: 230, keepRuns: 1 }), '; a1; 0 over');
});

test('deletes by count, by age or both; the last and best run of each pipeline always stay', () => {
  const found = inventory([{ loss: 3 }, { loss: 2 }, { loss: 4 }, { loss: 1 }, { pipeline: 'q' }, { pipeline: 'q' }]);
  assert.equal(deletedKeys(found, options({ keepRuns: 2 })), 'k2', 'q has two runs, and the best of p is k3');
  assert.equal(deletedKeys(found, options({ keepRuns: 1 })), 'k1 k2 k5');
  assert.equal(deletedKeys(found, options({ keepRuns: 0 })), 'k1 k2 k5');
  assert.equal(deletedKeys(found, options({ olderThanMs: 1.5 * DAY })), 'k2 k5');
  assert.equal(deletedKeys(found, options({ olderThanMs: 1.5 * DAY, keepRuns: 3 })), '', 'kept by one or the other');
});

test('deletes by size: least recently used first, as few as suffice; reports how much remains above the limit', () => {
  const found = inventory([{ keys: ['k0', 'k4'] as Key[] }, {}, {}, {}, {}]);
  found.runs[0]!.artifacts = ['a0'] as Digest[];
  assert.equal(deletedKeys(found, options({ maxBytes: 500 })), '');
  assert.equal(deletedKeys(found, options({ maxBytes: 450 })), 'k3', 'k4 is the oldest, but was used today');
  assert.equal(deletedKeys(found, options({ maxBytes: 250 })), 'k1 k2 k3');
  const all = planGc(found, options({ maxBytes: 10 }));
  assert.deepEqual([all.entries.length, all.overBytes], [3, 190]);
});

test('keeps what running runs and processes use, and what is being published', () => {
  const found = inventory([{}, { isRunning: true }, {}, {}, {}], {
    activeKeys: new Set(['k2' as Key]),
    activeArtifacts: new Set(['a3' as Digest]),
  });
  assert.equal(deletedKeys(found, options({ keepRuns: 1, maxBytes: 0 })), 'k4');
  const young = inventory([]);
  young.entries.push({ key: 'k' as Key, artifact: 'a' as Digest, madeMs: NOW - 1000 });
  young.artifacts.push(
    { digest: 'a' as Digest, changedMs: NOW - 1000, files: [] },
    { digest: 'loose' as Digest, changedMs: NOW - 1000, files: [] },
  );
  assert.deepEqual(
    [planGc(young, options({ keepRuns: 0, maxBytes: 0 })).entries, planGc(young, options()).artifacts],
    [[], []],
  );
});

test('lists unfinished attempts separately and keeps them and their inputs, unless they are old', () => {
  const work = {
    key: 'w' as Key,
    stage: 'model',
    kind: 'train',
    bytes: 70,
    changedMs: NOW - 3 * DAY,
    canGoOn: true,
    inputs: ['a1'] as Digest[],
  };
  const found = inventory([{}, {}], { works: [work] });
  found.runs.pop();
  assert.deepEqual([deletedKeys(found, options()), planGc(found, options()).keptWorks], ['', [work]]);
  const asked = planGc(found, options({ olderThanMs: 2 * DAY }));
  assert.deepEqual([asked.oldWorks, asked.entries.length, asked.freedBytes], [[work], 1, 170]);
  assert.deepEqual(
    planGc({ ...found, activeKeys: new Set(['w' as Key]) }, options({ olderThanMs: 2 * DAY })).oldWorks,
    [],
  );
  assert.deepEqual(planGc(found, options({ nowMs: NOW + 29 * DAY })).oldWorks, [work], 'a month is old by default');
});

test('deleting one of two hard links frees nothing', () => {
  const found = inventory([{}, {}]);
  found.runs = [];
  const shared = { inode: 'same', bytes: 1000, names: 2 };
  found.artifacts.forEach(({ files }) => files.push(shared));
  assert.deepEqual([planGc(found, options()).freedBytes, planGc(found, options()).storeBytes], [1200, 1200]);
  found.runs = inventory([{}]).runs;
  assert.deepEqual([planGc(found, options()).freedBytes, planGc(found, options()).storeBytes], [100, 1200]);
});

test('for any inventory, remaining entries keep their artifacts, and running, last and best runs keep their entries', () => {
  const run = fc.record({
    pipeline: fc.constantFrom('p', 'q'),
    startedMs: fc.integer({ min: NOW - 90 * DAY, max: NOW }),
    isRunning: fc.boolean(),
    loss: fc.option(fc.nat(9)),
    keys: fc.subarray(['k0', 'k1', 'k2', 'k3', 'k4', 'k5'] as Key[]),
  });
  const asked = fc.record({
    olderThanMs: fc.option(fc.nat(90 * DAY)),
    keepRuns: fc.option(fc.nat(4)),
    maxBytes: fc.option(fc.nat(700)),
  });
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 8 }),
      asked,
      fc.array(fc.nat(3), { minLength: 6, maxLength: 6 }),
      (runs, more, artifactOf) => {
        const artifacts = artifactOf.map((n) => `a${n}` as Digest);
        const found: Inventory = {
          ...inventory([{}, {}, {}, {}, {}, {}]),
          runs: runs.map((item, n) => ({
            run: `r${n}`,
            ...item,
            artifacts: item.keys.map((key) => artifacts[Number(key.slice(1))]!),
          })),
          entries: artifacts.map((artifact, n) => ({ key: `k${n}` as Key, artifact, madeMs: NOW - (n + 1) * DAY })),
        };
        const plan = planGc(found, options(more));
        const deleted = new Set(plan.entries.map(({ key }) => key));
        for (const { key, artifact } of found.entries)
          if (!deleted.has(key)) assert.ok(!plan.artifacts.includes(artifact));
        for (const item of found.runs) {
          const group = found.runs.filter(({ pipeline }) => pipeline === item.pipeline);
          const last =
            group.every(({ startedMs }) => startedMs <= item.startedMs) &&
            group.find(({ startedMs }) => startedMs === item.startedMs) === item;
          const best =
            item.loss !== null &&
            group.every(({ loss }) => loss === null || loss > item.loss! || loss === item.loss) &&
            group.find(({ loss }) => loss === item.loss) === item;
          if (item.isRunning || last || best)
            for (const key of item.keys) assert.ok(!deleted.has(key), `${item.run} ${key}`);
        }
      },
    ),
  );
});

// --- collecting, in a real store -------------------------------------------------------------------------------

function writeRun(
  runsDir: string,
  store: Store,
  run: string,
  startedMs: number,
  records: ReturnType<typeof preImage>[],
  more: object = {},
): void {
  mkdirSync(join(runsDir, run), { recursive: true });
  const stages = records.map((record) => ({
    name: 's',
    kind: 'train',
    outcome: 'ran',
    key: keyOf(record),
    artifact: findEntry(store, keyOf(record))?.artifact ?? null,
    seconds: 1,
  }));
  writeFileSync(join(runsDir, run, 'pipeline.yaml'), '');
  writeFileSync(
    join(runsDir, run, 'run.json'),
    JSON.stringify({
      record: 'run/1',
      run,
      runUid: run,
      pipeline: 'p',
      started: new Date(startedMs).toISOString(),
      finished: null,
      ok: true,
      sweep: null,
      stages,
      ...more,
    }),
  );
}

async function realStore(runsDir: string): Promise<Store> {
  const store = openStore(join(runsDir, 'store'));
  for (const more of [1, 2, 3, 4]) {
    await make(store, preImage(more));
    for (const path of [join(keyDir(store, keyOf(preImage(more))), 'entry.json')]) utimesSync(path, 1, 1);
  }
  return store;
}

test('collects, restores, collects again and empties the trash; verify finds the store intact each time', async (context) => {
  const runsDir = quickDir(context);
  const store = await realStore(runsDir);
  writeRun(runsDir, store, '20260101-000000-p-aaaa', Date.now() - DAY, [preImage(1)]);
  writeRun(runsDir, store, '20260102-000000-p-bbbb', Date.now(), [preImage(2)]);
  const key = (more: number): Key => keyOf(preImage(more));
  const existing = (): boolean[] => [1, 2, 3, 4].map((more) => findEntry(store, key(more)) !== null);
  const plan = () =>
    planGc(takeInventory(store, runsDir, kinds), {
      nowMs: Date.now(),
      olderThanMs: null,
      keepRuns: 1,
      maxBytes: null,
      parts: false,
    });
  const before = readdirSync(store.dir, { recursive: true }).sort();
  assert.deepEqual(
    plan()
      .entries.map(({ why }) => why)
      .sort(),
    ['no run names it', 'no run names it', 'only runs that are let go name it'],
  );
  assert.deepEqual(readdirSync(store.dir, { recursive: true }).sort(), before, 'planning touches nothing');

  const bag = (await collect(store, plan(), runsDir))!;
  assert.deepEqual(existing(), [false, true, false, false]);
  assert.deepEqual(readdirSync(join(store.dir, 'artifacts')).length, 1);
  assert.deepEqual(readPreImage(store, key(3)), preImage(3), 'the pre-image is still there');
  assert.deepEqual((await verifyStore(store)).damages, []);
  assert.equal(await collect(store, plan(), runsDir), null, 'nothing is left to delete');

  assert.equal(restoreBag(store, bag).kept.length, 0);
  assert.deepEqual(existing(), [true, true, true, true]);
  assert.deepEqual(
    readdirSync(store.dir, { recursive: true })
      .sort()
      .filter((name) => !String(name).startsWith('trash')),
    before,
  );
  assert.deepEqual((await verifyStore(store)).damages, []);

  await collect(store, plan(), runsDir);
  assert.equal(bagsIn(store).length, 1);
  emptyTrash(store);
  assert.deepEqual(bagsIn(store), []);
  assert.deepEqual(existing(), [false, true, false, false]);
});

test('does not touch what a running process works on or reads, even if it started after the plan was made', async (context) => {
  const runsDir = quickDir(context);
  const store = await realStore(runsDir);
  const record = preImage(9, { from: findEntry(store, keyOf(preImage(3)))!.artifact });
  const key = leaveWork(store, record);
  writeFileSync(
    join(workDir(store, key), 'spec.json'),
    JSON.stringify({ preImage: record, name: 'model', kind: 'train' }),
  );
  const lock = tryLock(lockDir(store, key));
  assert.ok('release' in lock);
  const late = tryLock(lockDir(store, keyOf(preImage(4))));
  assert.ok('release' in late);
  late.release();
  const plan = planGc(takeInventory(store, runsDir, kinds), {
    nowMs: Date.now() + 90 * DAY,
    olderThanMs: 0,
    keepRuns: 0,
    maxBytes: 0,
    parts: false,
  });
  const again = tryLock(lockDir(store, keyOf(preImage(4))));
  assert.ok('release' in again);
  await collect(store, plan, runsDir);
  assert.ok(existsSync(workDir(store, key)));
  assert.deepEqual(
    [1, 2, 3, 4].map((more) => findEntry(store, keyOf(preImage(more))) !== null),
    [false, false, true, true],
  );
  again.release();
  lock.release();
  const after = planGc(takeInventory(store, runsDir, kinds), {
    nowMs: Date.now() + 90 * DAY,
    olderThanMs: 0,
    keepRuns: 0,
    maxBytes: 0,
    parts: false,
  });
  assert.deepEqual([after.oldWorks.map(({ stage }) => stage), after.entries.length], [['model'], 2]);
});

test('an artifact that comes into use during collection is put back; a missing one is no error', async (context) => {
  const runsDir = quickDir(context);
  const store = await realStore(runsDir);
  const plan = planGc(takeInventory(store, runsDir, kinds), {
    nowMs: Date.now() + DAY,
    olderThanMs: null,
    keepRuns: null,
    maxBytes: null,
    parts: false,
  });
  const artifact = findEntry(store, keyOf(preImage(1)))!.artifact;
  rmSync(artifactDir(store, findEntry(store, keyOf(preImage(2)))!.artifact), { recursive: true });
  let moved = false;
  const rename = store.disk.rename;
  const racing: Store = {
    ...store,
    disk: {
      ...store.disk,
      rename(from, to) {
        rename(from, to);
        if (moved || !from.endsWith(artifact)) return;
        moved = true;
        const entry = readdirSync(join(store.dir, 'trash'), { recursive: true })
          .map(String)
          .find((path) => path.endsWith(`${keyOf(preImage(1))}/entry.json`))!;
        rename(join(store.dir, 'trash', entry), join(keyDir(store, keyOf(preImage(1))), 'entry.json'));
        const events = entry.replace('entry.json', 'events.jsonl');
        rename(join(store.dir, 'trash', events), join(keyDir(store, keyOf(preImage(1))), 'events.jsonl'));
      },
    },
  };
  await collect(racing, plan, runsDir);
  assert.ok(moved && findEntry(store, keyOf(preImage(1))));
});

test('what a run names that began while things were moved is put back, entry and artifact', async (context) => {
  const runsDir = quickDir(context);
  const store = await realStore(runsDir);
  const options = { nowMs: Date.now() + 90 * DAY, olderThanMs: 0, keepRuns: 0, maxBytes: 0, parts: true };
  const plan = planGc(takeInventory(store, runsDir, kinds), options);
  const { artifact } = findEntry(store, keyOf(preImage(1)))!;
  let began = false;
  const racing: Store = {
    ...store,
    disk: {
      ...store.disk,
      rename(from, to) {
        store.disk.rename(from, to);
        if (began || !from.endsWith(artifact)) return;
        began = true;
        // it had found the entry before that was moved, and links the artifact now; its record follows later
        const stages = join(runsDir, '20261201-000000-p-ffff', 'stages');
        mkdirSync(stages, { recursive: true });
        symlinkSync(join('..', '..', 'store', 'artifacts', artifact), join(stages, 'one'));
      },
    },
  };
  await collect(racing, plan, runsDir);
  assert.ok(began);
  assert.ok(findEntry(store, keyOf(preImage(1))), 'the entry and the artifact');
  assert.deepEqual(
    [2, 4].map((more) => findEntry(store, keyOf(preImage(more)))),
    [null, null],
    'what no run names is gone',
  );
  assert.deepEqual((await verifyStore(store)).damages, []);
});

test('a run counts as running only while its process is alive', async (context) => {
  const runsDir = quickDir(context);
  const store = await realStore(runsDir);
  writeRun(runsDir, store, '20260101-000000-p-aaaa', 0, [preImage(1)], {
    ok: null,
    runner: { ...markOf(process.pid), started: 'another' },
  });
  writeRun(runsDir, store, '20260101-000000-p-bbbb', 1, [preImage(2)], { ok: null, runner: markOf(process.pid) });
  assert.deepEqual(
    takeInventory(store, runsDir, kinds).runs.map(({ run, isRunning }) => [run.slice(-4), isRunning]),
    [
      ['bbbb', true],
      ['aaaa', false],
    ],
  );
});

test('takes an inventory while a process creates and deletes files in its work folder', async (context) => {
  const runsDir = quickDir(context);
  const store = openStore(join(runsDir, 'store'));
  const scratch = join(workDir(store, keyOf(preImage(1))), 'scratch');
  mkdirSync(scratch, { recursive: true });
  const child = spawn('sh', [
    '-c',
    'while true; do for n in 1 2 3 4 5 6 7 8 9; do echo > $0/$n; done; rm -f $0/*; done',
    scratch,
  ]);
  const exited = new Promise((resolve) => child.once('exit', resolve));
  try {
    for (let round = 0; round < 300; round++) assert.equal(takeInventory(store, runsDir, kinds).works.length, 1);
  } finally {
    // End it before the folder is removed; it would create new files.
    child.kill('SIGKILL');
    await exited;
  }
});

test('moves cached parts of a real store into the trash and restores them', async (context) => {
  const runsDir = quickDir(context);
  const store = openStore(join(runsDir, 'store'));
  await make(store, preImage(1));
  mkdirSync(join(store.dir, 'parts'), { recursive: true });
  for (const name of ['a.pack', 'b.pack']) writeFileSync(join(store.dir, 'parts', name), 'x'.repeat(50));
  const plan = planGc(takeInventory(store, runsDir, kinds), options({ nowMs: Date.now(), parts: true }));
  assert.equal(plan.partsBytes, 100);
  await collect(store, plan, runsDir);
  assert.deepEqual(readdirSync(join(store.dir, 'parts')), []);
  assert.deepEqual(restoreBag(store, bagsIn(store)[0]!).restored.sort(), ['parts/a.pack', 'parts/b.pack']);
  assert.deepEqual(readdirSync(join(store.dir, 'parts')).sort(), ['a.pack', 'b.pack']);
});
