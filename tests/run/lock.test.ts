import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { acquireLock } from '../../src/run/lock.ts';
import { temporaryDir } from '../kit/temporary.ts';

const holderPath = fileURLToPath(new URL('../kit/lock-holder.process.js', import.meta.url));

test('a second process waits until the first lets go, and says for whom it waits', async (context) => {
  const dir = temporaryDir(context);
  const holder = fork(holderPath, [dir, '600']);
  await once(holder, 'message');
  let waitedFor = 0;
  const release = await acquireLock(dir, (pid) => (waitedFor = pid));
  assert.equal(waitedFor, holder.pid);
  release();
  assert.deepEqual(readdirSync(dir), []);
});

test('a lock dies with its owner, also with SIGKILL; nothing needs an unlock', async (context) => {
  const dir = temporaryDir(context);
  const holder = fork(holderPath, [dir, '60000']);
  await once(holder, 'message');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.equal(readdirSync(dir).length, 1, 'the flag is still there');
  (await acquireLock(dir, () => assert.fail('nobody lives')))();
});

test('the same pid in another life is not the owner', async (context) => {
  const dir = temporaryDir(context);
  writeFileSync(join(dir, `flag-1-999999999-deadbeef`), '');
  (await acquireLock(dir, () => assert.fail('pid 1 lives, but did not raise this flag')))();
});

test('many processes at once: never two inside', async (context) => {
  const dir = temporaryDir(context);
  const shared = join(dir, 'shared.txt');
  writeFileSync(shared, '');
  const holders = Array.from({ length: 6 }, () => fork(holderPath, [join(dir, 'lock'), '15', shared, '5']));
  const codes = await Promise.all(holders.map(async (holder) => (await once(holder, 'exit'))[0] as number));
  assert.deepEqual(codes, [0, 0, 0, 0, 0, 0]);
});
