import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { keyOf } from '../../src/pipeline/plan/key.ts';
import type { Digest } from '../../src/pipeline/plan/key.ts';
import { realDisk } from '../../src/files/disk.ts';
import type { Disk } from '../../src/files/disk.ts';
import { publish } from '../../src/store/publish.ts';
import {
  artifactDir,
  entryText,
  findEntry,
  keyDir,
  lastKeys,
  openStore,
  parseEntry,
  readPreImage,
  rememberKey,
  workDir,
} from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { recordPowerCuts } from './power-cut.ts';
import type { Luck } from './power-cut.ts';
import { assertWholeOrMissing, leaveWork, make, preImage, quickDir, watchedDisk } from './publish-kit.ts';

const [earlier, later] = [preImage(1), preImage(2)];

async function storeWithOne(dir: string): Promise<string> {
  await make(openStore(dir), earlier);
  return dir;
}

/** After any accident, the old entry is intact, the new one is complete or missing, and the next run can publish it. */
async function assertRecovers(dir: string, what: string): Promise<void> {
  assert.ok(assertWholeOrMissing(dir, earlier, `${what}: the earlier entry`), `${what}: the earlier entry is lost`);
  if (!assertWholeOrMissing(dir, later, what)) await make(openStore(dir), later);
  assert.ok(assertWholeOrMissing(dir, later, `${what}, published again`), `${what}: cannot be published again`);
}

async function operationsOfPublish(dir: string): Promise<number> {
  const disk = watchedDisk(realDisk, (_nth, _operation, _args, act) => act());
  await make(openStore(dir, disk), later);
  return disk.count();
}

const failing = (code: string): Error => Object.assign(new Error(`${code}: injected`), { code });

const faults: Record<string, (operation: keyof Disk, args: unknown[], act: () => unknown) => unknown> = {
  'an EIO instead': () => {
    throw failing('EIO');
  },
  'an ENOSPC instead': () => {
    throw failing('ENOSPC');
  },
  'an EIO after the operation': (_operation, _args, act) => {
    act();
    throw failing('EIO');
  },
  'a short write, then a full disk': (operation, args) => {
    if (operation === 'write') realDisk.write(args[0] as number, (args[1] as Buffer).subarray(0, 5));
    throw failing('ENOSPC');
  },
};

test('an error at any operation of a publish is reported; nothing is incomplete or lost, and the next run succeeds', async (context) => {
  const base = quickDir(context);
  const operations = await operationsOfPublish(await storeWithOne(join(base, 'count')));
  assert.ok(operations > 30, `${operations} operations`);
  for (const [fault, act] of Object.entries(faults)) {
    for (let n = 0; n < operations; n++) {
      const dir = await storeWithOne(join(base, `${fault}-${n}`));
      let operation = '';
      const disk = watchedDisk(realDisk, (nth, name, args, really) => {
        if (nth !== n) return really();
        operation = name;
        return act(name, args, really);
      });
      const what = `${fault} at operation ${n}`;
      const outcome = await make(openStore(dir, disk), later).then(
        () => 'published',
        (error: Error) => error,
      );
      if (outcome === 'published')
        assert.ok(assertWholeOrMissing(dir, later, what), `${what}: reported as published, but missing`);
      else
        assert.ok(
          outcome instanceof StoreError && /does not respond \(EIO\)|no space left/.test(outcome.message),
          `${what}: ${String(outcome)}`,
        );
      await assertRecovers(dir, `${what} (${operation})`);
    }
  }
});

test('a short write is continued', async (context) => {
  const dir = await storeWithOne(quickDir(context));
  const disk: Disk = { ...realDisk, write: (file, bytes) => realDisk.write(file, bytes.subarray(0, 7)) };
  await make(openStore(dir, disk), later);
  assert.ok(assertWholeOrMissing(dir, later, 'seven bytes at a time'));
});

test('a kill before any operation of a publish leaves nothing incomplete or lost, and the next run succeeds', async (context) => {
  const base = quickDir(context);
  const operations = await operationsOfPublish(await storeWithOne(join(base, 'count')));
  const dies = async (n: number): Promise<void> => {
    const dir = await storeWithOne(join(base, String(n)));
    const child = fork(fileURLToPath(new URL('./publish-dies.process.js', import.meta.url)), [dir, String(n)]);
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    assert.deepEqual([code, signal], n === operations ? [7, null] : [null, 'SIGKILL']);
    await assertRecovers(dir, `killed before operation ${n}`);
  };
  const queue = Array.from({ length: operations + 1 }, (_, n) => n);
  await Promise.all(
    [0, 1, 2].map(async () => {
      for (let n = queue.pop(); n !== undefined; n = queue.pop()) await dies(n);
    }),
  );
});

test('a power cut between any two operations of a publish, with every unsynced file new, old, empty or missing', async (context) => {
  const base = quickDir(context);
  const dir = await storeWithOne(join(base, 'recorded'));
  const key = leaveWork(openStore(dir), later);
  const cut = recordPowerCuts(dir, realDisk);
  await publish(openStore(dir, cut.disk), key, later, 1, join(workDir(openStore(dir), key), 'out'));
  const dice = (seed: number): Luck => {
    let state = seed;
    return () => (['new', 'old', 'zeros'] as const)[(state = (Math.imul(state, 1103515245) + 12345) >>> 0) % 3]!;
  };
  const luck: Record<string, () => Luck> = {
    'all unsynced changes are lost': () => () => 'old',
    'all unsynced changes survive': () => () => 'new',
    'names survive, contents are lost': () => (doubt) => (doubt === 'name' ? 'new' : 'old'),
    'names survive, contents are zeros': () => (doubt) => (doubt === 'name' ? 'new' : 'zeros'),
    'contents survive, names are lost': () => (doubt) => (doubt === 'content' ? 'new' : 'old'),
    ...Object.fromEntries([1, 2, 3, 4].map((seed) => [`dice ${seed}`, () => dice(seed * 7919)])),
  };
  for (let n = 0; n <= cut.operations(); n++) {
    for (const [name, draw] of Object.entries(luck)) {
      const left = join(base, `${n}-${name}`);
      cut.leaves(n, left, draw());
      if (n === cut.operations()) assert.ok(assertWholeOrMissing(left, later, name), `published, then lost: ${name}`);
      await assertRecovers(left, `power cut after ${n} operations, ${name}`);
    }
  }
});

test('three runners publish the same bytes under three keys at once, repeatedly', async (context) => {
  const dir = quickDir(context);
  for (let round = 0; round < 10; round++) {
    const records = [preImage(100 + round), preImage(200 + round), preImage(300 + round)];
    const entries = await Promise.all(
      records.map((record) => {
        const store = openStore(dir);
        leaveWork(store, record, `the same ${round}`);
        return publish(store, keyOf(record), record, 1, join(workDir(store, keyOf(record)), 'out'));
      }),
    );
    assert.equal(new Set(entries.map(({ artifact }) => artifact)).size, 1);
    for (const record of records) assert.ok(findEntry(openStore(dir), keyOf(record)));
  }
  assert.deepEqual(readdirSync(join(dir, 'work')), []);
});

test('an output file that repeats an input file becomes a hard link, unless the input file is damaged', async (context) => {
  const store = openStore(quickDir(context));
  const weights = Buffer.alloc(200_000, 'w');
  const hand = async (record: ReturnType<typeof preImage>): Promise<string> => {
    const key = keyOf(record);
    mkdirSync(join(workDir(store, key), 'out'), { recursive: true });
    for (const name of ['weights.bin', 'again.bin']) writeFileSync(join(workDir(store, key), 'out', name), weights);
    writeFileSync(join(workDir(store, key), 'out', 'small.txt'), `${record.params['more']}`);
    return join(
      artifactDir(store, (await publish(store, key, record, 1, join(workDir(store, key), 'out'))).artifact),
      'weights.bin',
    );
  };
  const first = await hand(preImage(1));
  const digest = first.split('/').at(-2) as Digest;
  const second = await hand(preImage(2, { start: digest }));
  assert.equal(statSync(first).ino, statSync(second).ino);
  assert.equal(statSync(first).nlink, 4);
  const damaged = readFileSync(first);
  damaged[1000]! ^= 1;
  writeFileSync(first, damaged);
  const third = await hand(preImage(3, { start: digest }));
  assert.notEqual(statSync(first).ino, statSync(third).ino);
  assert.ok(readFileSync(third).equals(weights));
});

test('an entry with any changed byte is a miss; entries in the first format can still be read', async (context) => {
  const dir = await storeWithOne(quickDir(context));
  const store = openStore(dir);
  const key = keyOf(earlier);
  const text = readFileSync(join(keyDir(store, key), 'entry.json'), 'utf8');
  const entry = parseEntry(text)!;
  assert.equal(entryText(entry), text);
  for (let index = 0; index < text.length; index++) {
    for (const bit of [1, 2, 32]) {
      const flipped = text.slice(0, index) + String.fromCharCode(text.charCodeAt(index) ^ bit) + text.slice(index + 1);
      assert.equal(
        parseEntry(flipped),
        null,
        `byte ${index}: ${JSON.stringify(text[index])} → ${JSON.stringify(flipped[index])}`,
      );
    }
  }
  for (const shorter of [0, 1, 30, text.length - 2]) assert.equal(parseEntry(text.slice(0, shorter)), null);
  const { beside: _, ...old } = entry;
  writeFileSync(join(keyDir(store, key), 'entry.json'), `${JSON.stringify({ ...old, record: 'entry/1' })}\n`);
  assert.equal(findEntry(store, key)?.artifact, entry.artifact);
});

test('the last keys: two runners append at once, incomplete lines are skipped, outdated ones dropped', (context) => {
  const dir = quickDir(context);
  const [one, two] = [openStore(dir), openStore(dir)];
  rememberKey(one, 'p', 'a', keyOf(earlier), earlier);
  rememberKey(two, 'p', 'b', keyOf(later), later);
  assert.deepEqual(lastKeys(openStore(dir), 'p'), { a: keyOf(earlier), b: keyOf(later) });
  assert.deepEqual(readPreImage(openStore(dir), keyOf(later)), later);
  const path = join(dir, 'last', 'p.jsonl');
  writeFileSync(path, `${readFileSync(path, 'utf8')}["c","k`);
  assert.deepEqual(Object.keys(lastKeys(openStore(dir), 'p')), ['a', 'b']);
  writeFileSync(path, Array.from({ length: 500 }, (_, n) => `["a","${n}"]\n`).join(''));
  assert.deepEqual(lastKeys(openStore(dir), 'p'), { a: '499' });
  assert.equal(readFileSync(path, 'utf8'), '["a","499"]\n');
});

test('a pre-image whose hash is not its key is ignored', async (context) => {
  const dir = await storeWithOne(quickDir(context));
  const store = openStore(dir);
  cpSync(keyDir(store, keyOf(earlier)), keyDir(store, keyOf(later)), { recursive: true });
  assert.equal(readPreImage(store, keyOf(later)), null);
});
