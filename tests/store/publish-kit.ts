import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { keyOf } from '../../src/pipeline/plan/key.ts';
import type { Digest, Key, PreImage } from '../../src/pipeline/plan/key.ts';
import type { Disk } from '../../src/files/disk.ts';
import { publish } from '../../src/store/publish.ts';
import { artifactDir, findEntry, keyDir, openStore, readPreImage, workDir } from '../../src/store/store.ts';
import type { Entry, Store } from '../../src/store/store.ts';

/** The pre-image of an invented stage; `more` makes it unique. */
export const preImage = (more: number, inputs: Record<string, Digest> = {}): PreImage => ({
  record: 'stage/1',
  kind: 'count',
  version: 1,
  params: { more },
  sources: {},
  inputs,
  environment: null,
});

/**
 * A folder that is deleted after the test. In memory if possible, because a thousand publishes sync a real disk ten
 * thousand times.
 */
export function quickDir(context: TestContext): string {
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'runner-test-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes a work folder as a stage leaves it: two output files and its events. */
export function leaveWork(store: Store, record: PreImage, content = `made by ${record.params['more']}\n`): Key {
  const key = keyOf(record);
  const work = workDir(store, key);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'out', 'deep'), { recursive: true });
  mkdirSync(join(work, 'scratch'));
  writeFileSync(join(work, 'out', 'first.txt'), content);
  writeFileSync(join(work, 'out', 'deep', 'second.txt'), content.repeat(3));
  writeFileSync(join(work, 'events.jsonl'), '{"kind":"metric","name":"count","step":1,"value":1,"time":0}\n');
  return key;
}

export async function make(store: Store, record: PreImage): Promise<Entry> {
  const key = leaveWork(store, record);
  return publish(store, key, record, 1, join(workDir(store, key), 'out'));
}

/** Asserts that the entry is either missing or complete to the last byte. Returns whether it exists. */
export function assertWholeOrMissing(dir: string, record: PreImage, what: string): boolean {
  const store = openStore(dir);
  const key = keyOf(record);
  const entry = findEntry(store, key);
  if (!entry) return false;
  const content = `made by ${record.params['more']}\n`;
  assert.deepEqual(
    entry.files.map(({ path }) => path),
    ['deep/second.txt', 'first.txt'],
    what,
  );
  assert.equal(readFileSync(join(artifactDir(store, entry.artifact), 'first.txt'), 'utf8'), content, what);
  assert.equal(
    readFileSync(join(artifactDir(store, entry.artifact), 'deep', 'second.txt'), 'utf8'),
    content.repeat(3),
    what,
  );
  assert.deepEqual(readPreImage(store, key), record, what);
  for (const [name, { sha256 }] of Object.entries(entry.beside ?? {}))
    assert.equal(
      createHash('sha256')
        .update(readFileSync(join(keyDir(store, key), name)))
        .digest('hex'),
      sha256,
      `${what}: ${name}`,
    );
  assert.ok(entry.beside?.['events.jsonl'], what);
  return true;
}

/** Counts the operations and calls `instead` for each. */
export function watchedDisk(
  disk: Disk,
  instead: (nth: number, operation: keyof Disk, args: unknown[], act: () => unknown) => unknown,
): Disk & { count(): number } {
  let nth = 0;
  const watched = Object.fromEntries(
    Object.entries(disk).map(([operation, act]) => [
      operation,
      (...args: unknown[]) =>
        instead(nth++, operation as keyof Disk, args, () => (act as (...given: unknown[]) => unknown)(...args)),
    ]),
  );
  return { ...(watched as unknown as Disk), count: () => nth };
}
