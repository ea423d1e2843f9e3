import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { markOf, mayBeAlive } from '../../src/process/process-mark.ts';

test('recognizes live and dead processes, a reused pid, and processes on other machines', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 10000)']);
  const mark = markOf(child.pid ?? 0);
  assert.ok(mayBeAlive(mark));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.ok(!mayBeAlive(mark));
  if (process.platform === 'linux') assert.ok(!mayBeAlive({ ...markOf(process.pid), started: '1@deadbeef' }));
  assert.ok(mayBeAlive({ host: `not-${hostname()}`, pid: 1, started: '' }), 'processes on other machines may be alive');
});
