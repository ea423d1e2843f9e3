import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { evictedPath } from '../../src/process/evicted-path.ts';
import { HEARTBEAT } from '../../src/process/heartbeat.ts';
import { lifeOf, markOf } from '../../src/process/process-mark.ts';
import { holdersOf, tryLock, withLock } from '../../src/process/lock.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

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

test('a copied folder does not take over the flags of processes that work in the original', async (context) => {
  const dir = temporaryDir(context);
  const holder = fork(holderPath, [join(dir, 'lock'), '60000']);
  await once(holder, 'message');
  cpSync(join(dir, 'lock'), join(dir, 'copy'), { recursive: true, preserveTimestamps: true });
  renameSync(join(dir, 'lock'), join(dir, 'moved'));
  assert.equal(holdersOf(join(dir, 'copy')).length, 0);
  assert.equal(holdersOf(join(dir, 'moved')).length, 1);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
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
  const [, boot, namespace] = markOf(process.pid).started.split('@');
  writeFileSync(join(dir, `flag~${encodeURIComponent(hostname())}~1~999999999@${boot}@${namespace}~0`), '');
  writeFileSync(join(dir, `flag~${encodeURIComponent(hostname())}~1~999999999@${boot}~0`), ''); // of an earlier version
  writeFileSync(join(dir, 'flag~half'), '');
  let entered = false;
  await withLock(dir, async () => void (entered = true), {
    onWait: () => assert.fail('pid 1 is alive, but did not create this flag'),
  });
  assert.ok(entered);
});

/** As if 90 seconds were 0.6. */
function inHaste(context: TestContext): void {
  const before = { ...HEARTBEAT };
  Object.assign(HEARTBEAT, { beatMs: 100, silenceMs: 600, startAfterMs: 0 });
  context.after(() => Object.assign(HEARTBEAT, before));
}

for (const [what, flag] of Object.entries({
  'another machine': 'flag~elsewhere~1~5@deadbeef@1~0',
  'this host name, but another boot: a copy of this machine': `flag~${encodeURIComponent(hostname())}~1~5@deadbeef@1~0`,
  'this machine, but another container': `flag~${encodeURIComponent(hostname())}~999999~5@${markOf(process.pid).started.split('@')[1]}@1~0`,
}))
  test(`a flag from ${what} counts until nobody has touched it for a while, whatever its time`, async (context) => {
    inHaste(context);
    const dir = join(temporaryDir(context), 'lock');
    mkdirSync(dir);
    const path = join(dir, flag);
    writeFileSync(path, '');
    utimesSync(path, 1e9, 1e9); // its clock is years behind
    const touching = setInterval(() => utimesSync(path, 1e9, 1e9 + performance.now()), 100);
    const holds = () => assert.ok('heldBy' in tryLock(dir));
    for (let looks = 0; looks < 10; looks++) {
      holds();
      await sleep(100);
    }
    clearInterval(touching);
    holds();
    await sleep(400);
    holds();
    await sleep(400);
    const lock = tryLock(dir);
    assert.ok('release' in lock);
    assert.ok(existsSync(evictedPath(path)), 'its owner can see that it has lost the lock');
    lock.release();
  });

test('a flag that cannot be read is not evicted, and a process that cannot be read counts as alive', () => {
  const mine = markOf(process.pid);
  assert.equal(lifeOf(mine), 'alive');
  assert.equal(lifeOf({ ...mine, host: 'another name' }), 'alive', 'the host name proves nothing');
  assert.equal(lifeOf({ ...mine, started: mine.started.replace(/^\d+/, '7') }), 'dead');
  assert.equal(lifeOf({ ...mine, started: mine.started.replace(/\d+$/, '7') }), 'unknown');
});

test('a process whose main thread is blocked keeps its lock', async (context) => {
  inHaste(context);
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '60000'], { env: { ...process.env, HEARTBEAT: 'fast', BLOCK_MS: '2500' } });
  context.after(() => holder.kill('SIGKILL'));
  await once(holder, 'message');
  const [flag] = readdirSync(dir);
  const path = join(dir, flag!);
  await sleep(500); // now its main thread is blocked
  const times = new Set<number>();
  for (let looks = 0; looks < 15; looks++) {
    times.add(statSync(path).mtimeMs);
    await sleep(100);
  }
  assert.ok(times.size > 3, `touched ${times.size} times`);
});

test('locks that somebody removed are raised again; a process that was evicted ends at once', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '60000'], { env: { ...process.env, HEARTBEAT: 'fast' } });
  context.after(() => holder.kill('SIGKILL'));
  const exit = once(holder, 'exit');
  await once(holder, 'message');
  const [flag] = readdirSync(dir);
  rmSync(dir, { recursive: true });
  await eventually('the flag is back', () => existsSync(join(dir, flag!)));
  assert.ok('heldBy' in tryLock(dir));
  renameSync(join(dir, flag!), evictedPath(join(dir, flag!)));
  assert.deepEqual(await exit, [null, 'SIGKILL']);
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
