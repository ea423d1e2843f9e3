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

test('a second process waits until the first lets go, and says for whom it waits', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '600']);
  await once(holder, 'message');
  let waitedFor = 0;
  await withLock(dir, async () => assert.equal(waitedFor, holder.pid), { onWait: ({ pid }) => void (waitedFor = pid) });
  assert.ok(!existsSync(dir), 'nothing is left');
});

test('a lock dies with its owner, also with SIGKILL; nothing needs an unlock', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const holder = fork(holderPath, [dir, '60000']);
  await once(holder, 'message');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal(readdirSync(dir).length, 1, 'the flag is still there');
  let entered = false;
  await withLock(dir, async () => void (entered = true), { onWait: () => assert.fail('nobody lives') });
  assert.ok(entered);
});

test('who waits says so once, enters when the owner dies, and lets go after trouble, too', async (context) => {
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
  const isFree = { onWait: () => assert.fail('it is free') };
  await withLock(dir, async () => {}, isFree);
  const trouble = async (): Promise<never> => {
    throw new Error('inside');
  };
  await assert.rejects(withLock(dir, trouble), /inside/);
  await withLock(dir, async () => {}, isFree);
});

test('who waits gives up when the signal comes, with its reason', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const held = tryLock(dir);
  assert.ok('release' in held);
  const controller = new AbortController();
  const waiting = withLock(dir, async () => assert.fail('it is held'), { signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(waiting, { name: 'AbortError' });
  held.release();
});

test('the same pid in another life is not the owner, and a torn name is nobody', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  mkdirSync(dir);
  writeFileSync(join(dir, `flag~${encodeURIComponent(hostname())}~1~999999999@deadbeef~0`), '');
  writeFileSync(join(dir, 'flag~half'), '');
  let entered = false;
  await withLock(dir, async () => void (entered = true), {
    onWait: () => assert.fail('pid 1 lives, but did not raise this flag'),
  });
  assert.ok(entered);
});

test('a flag from another machine is believed for as long as it is touched', (context) => {
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

test('within one process a lock is held once, too', (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const first = tryLock(dir);
  assert.ok('release' in first);
  assert.ok('heldBy' in tryLock(dir));
  first.release();
  const second = tryLock(dir);
  assert.ok('release' in second);
  second.release();
});

test('many processes at once: never two inside', async (context) => {
  const dir = join(temporaryDir(context), 'lock');
  const shared = join(temporaryDir(context), 'shared.txt');
  writeFileSync(shared, '');
  const holders = Array.from({ length: 6 }, () => fork(holderPath, [dir, '15', shared, '5']));
  const codes = await Promise.all(holders.map(async (holder) => (await once(holder, 'exit'))[0] as number));
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0]);
});

test('a runner and the stage process that it started hold a key together; two runners, or two stage processes, do not; who says nothing contends with all', (context) => {
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
  assert.ok(
    'release' in tryLock(dir, 'runner'),
    'the runner is gone, its stage lives: another runner may take its place',
  );
});
