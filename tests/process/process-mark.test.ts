import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { bootInSysctl } from '../../src/process/boot.ts';
import { printedBy } from '../../src/process/printed-by.ts';
import { lifeOf, markOf, mayBeAlive } from '../../src/process/process-mark.ts';
import { startInPs } from '../../src/process/process-start.ts';

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

test('a process without a readable start time is compared by host and pid', () => {
  const unknown = { host: hostname(), pid: process.pid, started: '' };
  assert.equal(lifeOf(unknown), 'alive');
  assert.equal(lifeOf({ ...unknown, host: 'elsewhere' }), 'unknown');
});

test('reads what macOS prints about a process and about its start', () => {
  assert.equal(startInPs('Ss   Tue Dec  1 03:49:54 2026    \n'), '1796096994');
  assert.equal(startInPs('S+   Mon May 25 15:14:23 2026\n'), '1779722063');
  assert.equal(startInPs('Z    Tue Dec  1 03:49:54 2026\n'), 'ended');
  assert.equal(startInPs(''), null);
  assert.equal(startInPs('Ss   Di  1 Dez 03:49:54 2026\n'), null);
  assert.equal(bootInSysctl('CCB8E0AC-5B94-4789-B951-BF0B893FF45F\n'), 'CCB8E0AC');
  assert.equal(bootInSysctl(''), '');
});

test("this machine's ps prints the same", () => {
  const asked = ['-o', 'stat=', '-o', 'lstart=', '-p'];
  const start = Number(startInPs(printedBy('ps', [...asked, String(process.pid)])));
  const now = Date.now() / 1000 - process.uptime();
  assert.ok(Math.abs(start - now) < 60, `${start}, not ${now}`);
  assert.equal(startInPs(printedBy('ps', [...asked, '4194304000'])), null);
  assert.equal(printedBy('/no/such/program', []), '');
});
