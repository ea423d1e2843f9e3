import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HEARTBEAT } from '../../src/process/heartbeat.ts';
import { tryLock } from '../../src/process/lock.ts';
import { refuseThreads } from '../kit/refuse-threads.ts';
import { eventually, temporaryDir } from '../kit/temporary.ts';

test('a system without a free thread neither ends a process that holds a lock nor lets its lock look dead', async (context) => {
  const times = { ...HEARTBEAT };
  const refused = refuseThreads(context);
  Object.assign(HEARTBEAT, { beatMs: 50, startAfterMs: 10 });
  context.after(() => void Object.assign(HEARTBEAT, times));
  const dir = join(temporaryDir(context), 'lock');
  mkdirSync(dir);
  const lock = tryLock(dir);
  assert.ok('release' in lock);
  const flag = join(dir, readdirSync(dir)[0]!);
  for (const round of [1, 2]) {
    utimesSync(flag, 0, 0);
    await eventually(`it is touched, round ${round}`, () => statSync(flag).mtimeMs > 0);
  }
  assert.ok(refused() >= 2);
  lock.release();
});
