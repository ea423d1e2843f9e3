import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { keyOf } from '../../src/pipeline/plan/key.ts';
import { storeBytes, takeInventory } from '../../src/gc/inventory.ts';
import { bytesText, parseAge, parseBytes } from '../../src/store/sizes.ts';
import { findEntry, openStore, partsDir } from '../../src/store/store.ts';
import { checkStoreLimit, storeLimit } from '../../src/gc/store-limit.ts';
import { make, preImage, quickDir } from '../store/publish-kit.ts';

test('parses and formats sizes and ages', () => {
  assert.deepEqual(['50GB', '1.5 TB', '200MiB', '1000', '3k', '2gb', '7 B'].map(parseBytes), [
    50e9,
    1.5e12,
    200 * 2 ** 20,
    1000,
    3000,
    2e9,
    7,
  ]);
  for (const wrong of ['', 'GB', '-1GB', '1,5GB', '50 apples', '1e9']) assert.equal(parseBytes(wrong), null, wrong);
  assert.deepEqual([0, 999, 1000, 1234, 99_900_000, 123_456_789, 5e12].map(bytesText), [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 kB',
    '99.9 MB',
    '123 MB',
    '5.0 TB',
  ]);
  assert.deepEqual(
    ['45min', '12h', '30d', '2w', '1.5d'].map(parseAge),
    [2_700_000, 43_200_000, 2_592_000_000, 1_209_600_000, 129_600_000],
  );
  for (const wrong of ['', '30', '3m', 'd', '-1d']) assert.equal(parseAge(wrong), null, wrong);
});

test('refuses a run that would exceed the store limit, with a hint', async (context) => {
  const runsDir = quickDir(context);
  const store = openStore(join(runsDir, 'store'));
  await make(store, preImage(1));
  const lastKey = keyOf(preImage(1));
  const bytes = storeBytes(takeInventory(store, runsDir, {}));
  assert.equal(
    bytes,
    findEntry(store, lastKey)!.files.reduce((sum, file) => sum + file.bytes, 0),
  );
  const due = [{ name: 'model', lastKey }];
  checkStoreLimit(store, runsDir, due, 2 * bytes);
  checkStoreLimit(store, runsDir, due, null);
  checkStoreLimit(store, runsDir, [], 1);
  assert.throws(
    () => checkStoreLimit(store, runsDir, due, 2 * bytes - 1),
    /the store would exceed RUNNER_STORE_LIMIT, 79 B: it holds 40 B, and the stages to run \(model\) wrote 40 B last time\n {2}hint: \.\/runner gc --max-size 39B/,
  );
  checkStoreLimit(store, runsDir, [{ name: 'new', lastKey: null }], bytes + 1);
  assert.throws(() => checkStoreLimit(store, runsDir, [{ name: 'new', lastKey: null }], bytes), /RUNNER_STORE_LIMIT/);
  assert.equal(storeLimit({ RUNNER_STORE_LIMIT: '3GB' }), 3e9);
  assert.equal(storeLimit({}), null);
  assert.throws(() => storeLimit({ RUNNER_STORE_LIMIT: 'lots' }), /takes a size like 50GB, not "lots"/);
});

test('deletes cached parts, least recently used first, before it refuses a run', async (context) => {
  const runsDir = quickDir(context);
  const store = openStore(join(runsDir, 'store'));
  await make(store, preImage(1));
  const results = storeBytes(takeInventory(store, runsDir, {}));
  mkdirSync(partsDir(store));
  const parts = ['old', 'middle', 'young'];
  for (const [i, name] of parts.entries()) {
    writeFileSync(join(partsDir(store), name), 'x'.repeat(100));
    utimesSync(join(partsDir(store), name), 1000 * i + 1e9, Date.now() / 1000 - 1000 + 100 * i);
  }
  const left = (): string => readdirSync(partsDir(store)).sort().join(' ');
  const due = [{ name: 'model', lastKey: keyOf(preImage(1)) }];
  assert.equal(storeBytes(takeInventory(store, runsDir, {})), results + 300);
  checkStoreLimit(store, runsDir, due, 2 * results + 300);
  assert.equal(left(), 'middle old young');
  checkStoreLimit(store, runsDir, due, 2 * results + 299);
  assert.equal(left(), 'middle young');
  checkStoreLimit(store, runsDir, [{ name: 'new', lastKey: null }], results + 200);
  assert.equal(left(), 'young');
  assert.throws(() => checkStoreLimit(store, runsDir, due, 2 * results - 1), /RUNNER_STORE_LIMIT/);
  assert.equal(left(), 'young', 'parts stay if deleting them is not enough');
  checkStoreLimit(store, runsDir, due, 2 * results);
  assert.equal(left(), '');
});

test('a store that is removed during a publish: one clear message; it works again once the store is back', async (context) => {
  const dir = join(quickDir(context), 'store');
  const store = openStore(dir);
  const removed = {
    ...store,
    disk: {
      ...store.disk,
      rename(from: string, to: string): void {
        rmSync(dir, { recursive: true });
        store.disk.rename(from, to);
      },
    },
  };
  await assert.rejects(
    make(removed, preImage(1)),
    /part of the store at .* is missing \(ENOENT\); was its disk or folder removed\?/,
  );
  assert.equal(findEntry(store, keyOf(preImage(1))), null);
  await make(openStore(dir), preImage(1));
  assert.ok(findEntry(store, keyOf(preImage(1))));
});
