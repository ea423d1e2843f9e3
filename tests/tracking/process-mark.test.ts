import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { markOf, mayBeAlive, takeLock } from '../../src/tracking/process-mark.ts';
import type { ProcessMark } from '../../src/tracking/process-mark.ts';

const lockPath = (): string => join(mkdtempSync(join(tmpdir(), 'lock-')), 'x.lock');

async function deadMark(): Promise<ProcessMark> {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10000)']);
  const mark = markOf(child.pid ?? 0);
  assert.ok(mayBeAlive(mark));
  child.kill('SIGKILL');
  await new Promise((done) => child.once('exit', done));
  return mark;
}

test('a lock is held once, and free again after its release', () => {
  const path = lockPath();
  const first = takeLock(path);
  assert.ok('release' in first);
  const second = takeLock(path);
  assert.deepEqual(second, { heldBy: markOf(process.pid) });
  first.release();
  const third = takeLock(path);
  assert.ok('release' in third);
  third.release();
  assert.deepEqual(readdirSync(join(path, '..')), []);
});

test('a dead holder’s lock is taken over; so is one whose number another process has now; a torn one too', async () => {
  const dead = await deadMark();
  assert.ok(!mayBeAlive(dead));
  const reused = { ...markOf(process.pid), started: '1' };
  for (const content of [JSON.stringify(dead), ...(process.platform === 'linux' ? [JSON.stringify(reused)] : []), '{"pid":', '']) {
    const path = lockPath();
    writeFileSync(path, content);
    const lock = takeLock(path);
    assert.ok('release' in lock, content);
    lock.release();
    assert.ok(!existsSync(path));
  }
});

test('a lock from another machine holds as long as it is touched', () => {
  const path = lockPath();
  writeFileSync(path, JSON.stringify({ host: `not-${hostname()}`, pid: 1, started: '' }));
  assert.ok('heldBy' in takeLock(path));
  const past = new Date(Date.now() - 70_000);
  utimesSync(path, past, past);
  assert.ok('release' in takeLock(path));
});

test('of many processes that want it, one gets a dead holder’s lock', async () => {
  const path = lockPath();
  writeFileSync(path, JSON.stringify(await deadMark()));
  const taken = await Promise.all(Array.from({ length: 8 }, async () => takeLock(path)));
  assert.equal(taken.filter((lock) => 'release' in lock).length, 1);
});
