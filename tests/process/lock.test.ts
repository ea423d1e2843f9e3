import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { holdersOf, tryLock, withLock } from '../../src/process/lock.ts';
import { temporaryDir } from '../kit/temporary.ts';

const holderPath = fileURLToPath(new URL('../kit/lock-holder.process.js', import.meta.url));

test('a second process waits until the first releases the lock, and reports the holder', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '600']);
  await once(holder, 'message');
  let waitedFor = 0;
  await withLock(dir, async () => assert.equal(waitedFor, holder.pid), { onWait: ({ pid }) => void (waitedFor = pid) });
  assert.ok(!existsSync(dir), 'nothing is left');
});

test('a lock ends with its holder, even after SIGKILL', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '60000']);
  await once(holder, 'message');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal(readdirSync(dir).length, 1, 'the flag is still there');
  let entered = false;
  await withLock(dir, async () => void (entered = true), { onWait: () => assert.fail('the holder is dead') });
  assert.ok(entered);
});

test('a waiting process reports it once, gets the lock when the holder dies, and releases it after an error', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '60000']);
  await once(holder, 'message');
  let waits = 0;
  let entered = false;
  const mine = withLock(dir, async () => void (entered = true), { onWait: () => void (waits += 1) });
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.deepEqual([waits, entered], [1, false]);
  holder.kill('SIGKILL');
  await mine;
  assert.deepEqual([waits, entered], [1, true]);
  const isFree = { onWait: () => assert.fail('the lock is free') };
  await withLock(dir, async () => {}, isFree);
  const fail = async (): Promise<never> => {
    throw new Error('inside');
  };
  await assert.rejects(withLock(dir, fail), /inside/);
  await withLock(dir, async () => {}, isFree);
});

test('waiting ends with the signal’s reason when the signal fires', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const held = tryLock(dir);
  assert.ok('release' in held);
  const controller = new AbortController();
  const waiting = withLock(dir, async () => assert.fail('it is held'), { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(waiting, { name: 'AbortError' });
  held.release();
});

test('ignores flags of earlier processes with the same pid, and flags with incomplete names', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  mkdirSync(dir);
  writeFileSync(join(dir, `flag~${encodeURIComponent(hostname())}~1~999999999@deadbeef~0`), '');
  writeFileSync(join(dir, 'flag~half'), '');
  let entered = false;
  await withLock(dir, async () => void (entered = true), {
    onWait: () => assert.fail('pid 1 is alive, but did not create this flag'),
  });
  assert.ok(entered);
});

test('a flag from another machine counts as long as it is touched', (context) => {
  const dir = join(temporaryDir(context), 'lock');
  mkdirSync(dir);
  const flag = join(dir, 'flag~elsewhere~1~5@deadbeef~0');
  writeFileSync(flag, '');
  const held = tryLock(dir);
  assert.ok('heldBy' in held && held.heldBy.host === 'elsewhere');
  const past = new Date(Date.now() - 70_000);
  utimesSync(flag, past, past);
  assert.ok('release' in tryLock(dir));
});

test('a lock can be held only once within a process', (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const first = tryLock(dir);
  assert.ok('release' in first);
  assert.ok('heldBy' in tryLock(dir));
  first.release();
  const second = tryLock(dir);
  assert.ok('release' in second);
  second.release();
});

test('of many processes, only one at a time holds the lock', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const shared = join(temporaryDir(context), 'shared.txt');
  writeFileSync(shared, '');
  const holders = Array.from({ length: 6 }, () => fork(holderPath, [dir, '15', shared, '5']));
  const codes = await Promise.all(holders.map(async (holder) => (await once(holder, 'exit'))[0] as number));
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0]);
});

test('a runner and a stage can hold a lock together; two of the same role, or `any` and another, cannot', (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const runner = tryLock(dir, 'runner');
  const stage = tryLock(dir, 'stage');
  assert.ok('release' in runner && 'release' in stage);
  assert.deepEqual(
    holdersOf(dir)
      .map(({ role }) => role)
      .sort(),
    ['runner', 'stage'],
  );
  for (const role of ['runner', 'stage', 'any'] as const) assert.ok('heldBy' in tryLock(dir, role), role);
  runner.release();
  assert.ok('heldBy' in tryLock(dir));
  assert.ok('release' in tryLock(dir, 'runner'), 'another runner can take the lock while the stage still holds it');
});
