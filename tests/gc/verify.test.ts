import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyOf } from '../../src/pipeline/plan/key.ts';
import { digestSource } from '../../src/store/sources/digest.ts';
import { repairStore } from '../../src/gc/repair.ts';
import { artifactDir, findEntry, keyDir, openStore, statsDir } from '../../src/store/store.ts';
import type { Store } from '../../src/store/store.ts';
import { takeInventory } from '../../src/gc/inventory.ts';
import { bagsIn, restoreBag, trashBytes } from '../../src/gc/trash.ts';
import { verifyStore } from '../../src/gc/verify.ts';
import { make, preImage, quickDir } from '../store/publish-kit.ts';

/** All files of the store that `verify` checks. */
const filesOf = (store: Store): string[] =>
  ['artifacts', 'keys', 'stats'].flatMap((folder) =>
    readdirSync(join(store.dir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );

async function storeWithThree(dir: string): Promise<Store> {
  const store = openStore(join(dir, 'store'));
  for (const more of [1, 2, 3]) await make(store, preImage(more));
  mkdirSync(join(dir, 'source'));
  writeFileSync(join(dir, 'source', 'a.txt'), 'source');
  await digestSource(join(dir, 'source'), null, { statsDir: statsDir(store), now: () => Date.now() + 10_000 });
  return store;
}

test('finds and names a file with a flipped bit', async (context) => {
  const dir = quickDir(context);
  const store = await storeWithThree(dir);
  const intact = await verifyStore(store);
  assert.deepEqual({ ...intact, bytes: 0 }, { artifacts: 3, entries: 3, files: 6, bytes: 0, damages: [] });
  const files = filesOf(store);
  assert.equal(files.length, 3 * 2 + 3 * 3 + 2, 'artifacts, keys, a stat cache and a manifest');
  for (const file of files) {
    const bytes = readFileSync(file);
    for (const index of new Set([0, 7, Math.floor(bytes.length / 2), bytes.length - 1])) {
      for (const bit of [1, 0x80]) {
        const flipped = Buffer.from(bytes);
        flipped[index]! ^= bit;
        chmodSync(file, 0o644);
        writeFileSync(file, flipped);
        const { damages } = await verifyStore(store);
        assert.equal(damages.length, 1, `${file} byte ${index}: ${JSON.stringify(damages)}`);
        const named = [store.dir, damages[0]!.room, damages[0]!.name, damages[0]!.file]
          .filter((part) => part !== null)
          .join('/');
        assert.equal(named, file);
      }
    }
    writeFileSync(file, bytes);
  }
  assert.deepEqual((await verifyStore(store)).damages, []);
});

test('repair moves damaged files to the trash and makes their stages due; then verify succeeds and they can be recomputed', async (context) => {
  const store = await storeWithThree(quickDir(context));
  const [one, two, three] = [1, 2, 3].map((more) => keyOf(preImage(more)));
  const dirOf = (key: NonNullable<typeof one>) => artifactDir(store, findEntry(store, key)!.artifact);
  const flipped = join(dirOf(one!), 'deep', 'second.txt');
  const bytes = readFileSync(flipped);
  bytes[3]! ^= 4;
  chmodSync(flipped, 0o644);
  writeFileSync(flipped, bytes);
  writeFileSync(join(dirOf(one!), 'more.txt'), '');
  const events = join(keyDir(store, two!), 'events.jsonl');
  writeFileSync(events, readFileSync(events, 'utf8').replace('"value":1', '"value":2'));
  const { damages } = await verifyStore(store);
  assert.deepEqual(
    damages.map(({ room, file, what, keys }) => [room, file, what, keys.length]),
    [
      ['keys', 'events.jsonl', 'is damaged', 1],
      ['artifacts', 'deep/second.txt', 'was changed', 1],
      ['artifacts', 'more.txt', 'does not belong there', 1],
    ],
  );
  assert.ok(findEntry(store, one!) && findEntry(store, two!), 'the sizes alone do not show the damage');
  repairStore(store, damages);
  assert.deepEqual(
    [one, two, three].map((key) => findEntry(store, key!) !== null),
    [false, false, true],
  );
  assert.deepEqual((await verifyStore(store)).damages, []);
  await make(store, preImage(1));
  assert.ok(findEntry(store, one!));
  const [bag] = bagsIn(store);
  assert.equal(bag?.why, 'damaged');
  const { restored, kept } = restoreBag(store, bag);
  assert.ok(restored.length > 0 && kept.length > 0, 'recomputed files are not overwritten');
});

test('reports missing and truncated files and missing artifacts', async (context) => {
  const store = await storeWithThree(quickDir(context));
  const [one, two, three] = [1, 2, 3].map((more) => keyOf(preImage(more)));
  const dirOf = (key: NonNullable<typeof one>) => artifactDir(store, findEntry(store, key)!.artifact);
  const dangling = dirOf(three!);
  rmSync(join(dirOf(one!), 'first.txt'));
  truncateSync(join(dirOf(two!), 'first.txt'), 2);
  rmSync(dangling, { recursive: true });
  writeFileSync(
    join(keyDir(store, three!), 'entry.json'),
    readFileSync(join(keyDir(store, three!), 'entry.json')).subarray(0, -1),
  );
  const messages = (await verifyStore(store)).damages.map(({ room, file, what }) => `${room} ${file} ${what}`);
  assert.deepEqual(messages.sort(), [
    'artifacts first.txt has 2 bytes instead of 10',
    'artifacts first.txt is missing',
    'keys entry.json is damaged',
  ]);
  repairStore(store, (await verifyStore(store)).damages);
  assert.equal(
    existsSync(join(keyDir(store, three!), 'pre-image.json')),
    true,
    'the pre-image stays, to explain what changed',
  );
  assert.deepEqual(
    [one, two, three].map((key) => findEntry(store, key!)),
    [null, null, null],
  );
});

const MISSHAPEN: Record<string, (dir: string) => void> = {
  'a link that leads nowhere': (dir) => [rmSync(dir, { recursive: true }), symlinkSync('/nowhere', dir)],
  'a file': (dir) => [rmSync(dir, { recursive: true }), writeFileSync(dir, '')],
  'a folder with a link around itself': (dir) => symlinkSync('.', join(dir, 'around')),
  'a folder with a link to itself': (dir) => symlinkSync('itself', join(dir, 'itself')),
  'a folder with a pipe': (dir) => execFileSync('mkfifo', [join(dir, 'pipe')]),
  'a folder with a link that leads nowhere': (dir) => [
    renameSync(join(dir, 'first.txt'), join(dir, 'moved.txt')),
    symlinkSync('/nowhere', join(dir, 'first.txt')),
  ],
};

for (const [what, spoil] of Object.entries(MISSHAPEN))
  test(`${what} in place of an artifact is reported, and made anew`, async (context) => {
    const store = await storeWithThree(quickDir(context));
    const key = keyOf(preImage(1));
    const dir = artifactDir(store, findEntry(store, key)!.artifact);
    spoil(dir);
    const { damages } = await verifyStore(store);
    assert.deepEqual(
      damages.map(({ room, what: words, keys }) => [room, words, keys]),
      [['artifacts', 'is not a folder of files that can be read', [key]]],
    );
    findEntry(store, key);
    takeInventory(store, join(store.dir, '..'), {});
    repairStore(store, damages);
    assert.ok(trashBytes(store) > 0);
    assert.equal(findEntry(store, key), null);
    await make(store, preImage(1));
    assert.deepEqual((await verifyStore(store)).damages, []);
    spoil(dir);
    await make(store, preImage(1)); // publishing replaces it too
    assert.deepEqual((await verifyStore(store)).damages, []);
  });

test('links in circles that a program left in its scratch folder do not stop gc', async (context) => {
  const store = await storeWithThree(quickDir(context));
  const scratch = join(store.dir, 'work', 'a'.repeat(64), 'scratch');
  mkdirSync(scratch, { recursive: true });
  writeFileSync(join(scratch, 'f'), '12345');
  symlinkSync('.', join(scratch, 'around'));
  const [work] = takeInventory(store, join(store.dir, '..'), {}).works;
  assert.ok(work && work.bytes >= 5);
});
